/**
 * The data directory of one process: private to its user, and worked on by one process at a time.
 * The lock is an exclusive SQLite transaction on an empty database: the kernel lets go of it however the process ends, so there
 * is never a stale lock to remove by hand.
 */
import { chmodSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CommandError, EXIT } from '../../core/exit-code.ts'

export interface DataDir {
  /** Absolute, without symbolic links. */
  readonly path: string
  release(): void
}

/** Long enough for one that is just ending, so that a quick restart works; short for an operator who made a mistake. */
const WAIT_MS = 3_000

/**
 * Creates the directory if need be (mode 0700) and takes its lock, waiting for up to `waitMs` while another holds it (the
 * process does nothing else yet). Throws CommandError when that cannot be.
 */
export function openDataDir(path: string, waitMs = WAIT_MS): DataDir {
  const real = makeDirectory(path)
  const lock = openLock(real)
  try {
    lock.exec(`PRAGMA busy_timeout = ${waitMs}; BEGIN EXCLUSIVE`)
  } catch (cause) {
    lock.close()
    throw new CommandError(
      EXIT.alreadyRunning,
      `another fairlead already works in ${real}: stop it, or give this one another --data-dir`,
      { cause },
    )
  }
  return {
    path: real,
    release: () => {
      lock.close()
    },
  }
}

function makeDirectory(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const real = realpathSync(path)
    chmodSync(real, 0o700)
    return real
  } catch (cause) {
    throw new CommandError(EXIT.fileAccess, `cannot use the data directory ${path}: ${reasonOf(cause)}`, {
      cause,
    })
  }
}

function openLock(directory: string): DatabaseSync {
  const path = join(directory, 'lock')
  try {
    return new DatabaseSync(path)
  } catch (cause) {
    throw new CommandError(EXIT.fileAccess, `cannot open ${path}: ${reasonOf(cause)}`, { cause })
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
