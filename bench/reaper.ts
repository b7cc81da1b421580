/**
 * Outlives a bench: `node reaper.ts FOLDER`, its stdin a pipe of the bench's. When the pipe closes the bench is gone, however it went,
 * and what it started is ended and its temporary folder removed.
 * What must stay true: only what the bench started is ended: what has the folder as its TMPDIR, and DNS servers, which are given no
 * environment, that have their configuration in it.
 */
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const QUIT_WITHIN_MS = 3_000
const GONE_WITHIN_MS = 10_000
const EVERY_MS = 20
const DNS_SERVERS: readonly string[] = ['pdns_server', 'dnsdist']

const [, , folder = ''] = process.argv
if (!folder.startsWith('/')) throw new Error('reaper FOLDER')
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.stdin.resume().once('end', () => {
  void reap().finally(() => {
    rmSync(folder, { recursive: true, force: true })
  })
})

async function reap(): Promise<void> {
  // An immediate shutdown: it gives back the memory that it shares, which the machine would keep for ever.
  for (const pid of left().filter(isPostmaster)) kill(pid, 'SIGQUIT')
  const quitUntilMs = performance.now() + QUIT_WITHIN_MS
  while (performance.now() < quitUntilMs && left().some(isPostmaster)) await delay(EVERY_MS)
  const deadlineMs = performance.now() + GONE_WITHIN_MS
  for (let pids = left(); pids.length > 0 && performance.now() < deadlineMs; pids = left()) {
    for (const pid of pids) kill(pid, 'SIGKILL')
    await delay(EVERY_MS)
  }
}

function left(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && (isOfBench(pid) || isDnsServer(pid)))
}

function isOfBench(pid: number): boolean {
  const own = read(pid, 'environ')
    .split('\0')
    .find((line) => line.startsWith('TMPDIR='))
  return own === `TMPDIR=${folder}` || own?.startsWith(`TMPDIR=${folder}/`) === true
}

function isDnsServer(pid: number): boolean {
  try {
    if (!DNS_SERVERS.includes(basename(readlinkSync(`/proc/${pid}/exe`)))) return false
  } catch {
    return false
  }
  return read(pid, 'cmdline').includes(`${folder}/`)
}

function isPostmaster(pid: number): boolean {
  const [, parent = ''] = /^PPid:\s+(\d+)$/m.exec(read(pid, 'status')) ?? []
  return read(pid, 'comm').trim() === 'postgres' && read(Number(parent), 'comm').trim() !== 'postgres'
}

/** Empty when it is gone, or somebody else's. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself.
  }
}
