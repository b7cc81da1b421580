/**
 * The data directory of one process: private to its user, and worked on by one process at a time.
 * The lock is an exclusive SQLite transaction on an empty database: the kernel lets go of it however the process ends, so there
 * is never a stale lock to remove by hand.
 */
import { chmodSync, closeSync, openSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { makeFolder } from './make-folder.ts'

export interface DataDir {
  /** Absolute, without symbolic links. */
  readonly path: string
  release(): void
}

/** Long enough for one that is just ending, so that a quick restart works; short for an operator who made a mistake. */
const WAIT_MS = 3_000

/** What may stand in an empty directory: a file system's own, and the log, which is opened before this. */
const NO_CONTENT = /^lost\+found$|\.log$/
/** SQLite's primary result code (the low byte) of a lock that another process holds. */
const SQLITE_BUSY = 5

/**
 * Creates the directory if need be (mode 0700) and takes its lock, waiting for up to `waitMs` while another holds it (the
 * process does nothing else yet). A directory that is there keeps its permissions: it may be somebody else's. Throws
 * CommandError when it holds other things, when others may write to it, or when it cannot be used or locked.
 */
export function openDataDir(path: string, waitMs = WAIT_MS): DataDir {
  const real = makeDirectory(path)
  const lock = openLock(real)
  try {
    lock.exec(`PRAGMA busy_timeout = ${waitMs}; BEGIN EXCLUSIVE`)
  } catch (cause) {
    lock.close()
    throw isBusy(cause)
      ? new CommandError(
          EXIT.alreadyRunning,
          `another fairlead already works in ${real}: stop it, or give this one another --data-dir`,
          { cause },
        )
      : fileFault(`cannot lock ${join(real, 'lock')}`, cause)
  }
  return {
    path: real,
    release: () => {
      lock.close()
    },
  }
}

function makeDirectory(path: string): string {
  let real: string
  try {
    const created = makeFolder(resolve(path))
    real = realpathSync(path)
    if (created) {
      // The umask may have taken more than it should.
      chmodSync(real, 0o700)
      return real
    }
    checkExisting(real)
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    throw fileFault(`cannot use the data directory ${path}`, cause)
  }
  return real
}

/** Of an existing directory. What Fairlead keeps in it is readable by its owner only: that others may list it is no fault. */
function checkExisting(real: string): void {
  const entries = readdirSync(real)
  if (!entries.includes('lock') && entries.some((entry) => !NO_CONTENT.test(entry)))
    throw new CommandError(
      EXIT.fileAccess,
      `${real} holds files and is no data directory of Fairlead: name an empty or a new one with --data-dir`,
    )
  if ((statSync(real).mode & 0o022) !== 0)
    throw new CommandError(
      EXIT.fileAccess,
      `others may write to the data directory ${real}: take that from them with chmod go-w ${real}`,
    )
}

function openLock(directory: string): DatabaseSync {
  const path = join(directory, 'lock')
  try {
    // Whoever may read a lock can hold it.
    closeSync(openSync(path, 'a', 0o600))
    return new DatabaseSync(path)
  } catch (cause) {
    throw fileFault(`cannot open ${path}`, cause)
  }
}

function isBusy(cause: unknown): boolean {
  const code = cause instanceof Error && 'errcode' in cause ? cause.errcode : null
  return typeof code === 'number' && (code & 0xff) === SQLITE_BUSY
}

function fileFault(what: string, cause: unknown): CommandError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new CommandError(EXIT.fileAccess, `${what}: ${reason}`, { cause })
}
