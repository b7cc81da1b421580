/**
 * Starts one DNS server, in its own session and with its own log, so that the death of Fairlead does not touch it; and ends one.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { isOurs, signalServer } from './running-servers.ts'
import type { ServerFiles } from './server-files.ts'

const POLL_MS = 10
const START_LIMIT_MS = 10_000
const END_LIMIT_MS = 3_000

export interface LaunchOptions {
  readonly binary: string
  readonly digest: string
  readonly files: ServerFiles
  /** True once the server answers. */
  readonly answers: () => Promise<boolean>
}

/** Resolves once the server answers. Throws CommandError with what is wrong, and leaves nothing running then. */
export async function launchServer(options: LaunchOptions): Promise<ChildProcess> {
  const { binary, digest, files, answers } = options
  const child = files.withLog((fd) =>
    spawn(binary, [...files.kind.argumentsFor(files.configDir(digest))], {
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      detached: true,
      stdio: ['ignore', fd, fd],
    }),
  )
  child.unref()
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new CommandError(
      EXIT.missingProgram,
      `cannot run ${binary} (${files.kind.name}): install the Debian ${files.kind.packages}`,
      { cause },
    )
  }
  const deadline = performance.now() + START_LIMIT_MS
  while (!(await answers())) {
    if (child.exitCode !== null || child.signalCode !== null) throw startFailure(files)
    if (performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new CommandError(
        EXIT.failure,
        `${files.kind.name} does not answer ${START_LIMIT_MS / 1_000} s after its start: see ${files.logPath}`,
      )
    }
    await delay(POLL_MS)
  }
  return child
}

/** Ends a server of ours: asks, and kills one that does not listen. Resolves once it is gone. */
export async function endServer(pid: number, configRoot: string): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!signalServer(pid, signal, configRoot)) return
    const deadline = performance.now() + END_LIMIT_MS
    while (performance.now() < deadline) {
      if (!isOurs(pid, configRoot)) return
      await delay(POLL_MS)
    }
  }
  throw new Error(`the DNS server (pid ${pid}) is still there after SIGKILL`)
}

function startFailure(files: ServerFiles): CommandError {
  const line = files.lastLogLine()
  if (/gsqlite3/.test(line) && /launch|load|open/i.test(line) && !/database/i.test(line))
    return new CommandError(
      EXIT.missingProgram,
      `PowerDNS lacks its SQLite backend: install the Debian package pdns-backend-sqlite3 (${line})`,
    )
  return new CommandError(
    EXIT.failure,
    `${files.kind.name} ended at its start: ${line} (see ${files.logPath})`,
  )
}
