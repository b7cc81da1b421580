/** The log of `fairlead up`: JSON lines on stderr, or in a file, where it stays whole even after kill -9. */
import { openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { destination, pino, type Logger } from 'pino'
import { makeFolder } from '../../adapters/data-dir/make-folder.ts'
import { reasonOf } from '../api/reason-of.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'

const STDERR = 2

/** `path` null is stderr. Throws CommandError when the file cannot be written. */
export function openLog(path: string | null, level: string): Logger {
  const options = { level, base: null }
  if (path === null) return pino(options, destination({ fd: STDERR, sync: true }))
  try {
    makeFolder(dirname(resolve(path)))
    return pino(options, destination({ fd: openSync(path, 'a', 0o600), sync: true }))
  } catch (cause) {
    throw new CommandError(EXIT.fileAccess, `cannot write the log ${path}: ${reasonOf(cause)}`, { cause })
  }
}
