/**
 * Which DNS server processes are Fairlead's own: those started with a configuration folder below ours, as their command line in
 * /proc says. The kernel keeps that record, so there is no pid file to be stale or to be forged by a reused pid.
 */
import { readFileSync, readdirSync } from 'node:fs'

export interface RunningServer {
  readonly pid: number
  /** Name of the configuration folder it was started with: the digest of its configuration. */
  readonly digest: string
}

/** All processes of ours, whatever configuration they run. `configRoot` is absolute. */
export function findServers(configRoot: string): RunningServer[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    const pid = Number(entry)
    const digest = digestOf(pid, configRoot)
    return digest === null ? [] : [{ pid, digest }]
  })
}

export function isOurs(pid: number, configRoot: string): boolean {
  return digestOf(pid, configRoot) !== null
}

/** Sends a signal if the process is still ours; false when it is gone. */
export function signalServer(pid: number, signal: NodeJS.Signals, configRoot: string): boolean {
  if (!isOurs(pid, configRoot)) return false
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
    throw error
  }
}

/** null when the process is gone (or a zombie, whose command line is empty), or is not ours. */
function digestOf(pid: number, configRoot: string): string | null {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    // A tracer or a shell that has our command as its own argument is not the server.
    const [, option = ''] = words
    const [, path = ''] = /^--config(?:-dir)?=(.*)$/.exec(option) ?? []
    return path.startsWith(`${configRoot}/`)
      ? (path.slice(configRoot.length + 1).split('/')[0] ?? null)
      : null
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(codeOf(error))) return null
    throw error
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
