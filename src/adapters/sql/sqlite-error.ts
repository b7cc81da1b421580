/** SQLite's result codes (https://www.sqlite.org/rescode.html) and the file system's, in the words of DatabaseError. */
import { DatabaseError, type DatabaseErrorCode } from './database-error.ts'

const EXTENDED: Readonly<Record<number, DatabaseErrorCode>> = {
  /** CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID */
  1555: 'unique',
  2067: 'unique',
  2579: 'unique',
  /** IOERR_SHMSIZE: no room to make the file that WAL mode maps. */
  4874: 'disk-full',
}

/** By primary code, the low byte. */
const PRIMARY: Readonly<Record<number, DatabaseErrorCode>> = {
  3: 'access',
  5: 'busy',
  6: 'busy',
  8: 'access',
  10: 'io',
  11: 'corrupt',
  13: 'disk-full',
  14: 'access',
  15: 'busy',
  19: 'constraint',
  23: 'access',
  26: 'corrupt',
}

const FILE_SYSTEM: Readonly<Record<string, DatabaseErrorCode>> = {
  EACCES: 'access',
  EISDIR: 'access',
  ENOENT: 'access',
  ENOTDIR: 'access',
  EPERM: 'access',
  EROFS: 'access',
  EDQUOT: 'disk-full',
  ENOSPC: 'disk-full',
}

const SENTENCE: Readonly<Record<DatabaseErrorCode, string>> = {
  busy: 'is locked by another process',
  raced: 'was changed meanwhile',
  lost: 'cannot be reached',
  unknown: 'may have taken the change or not',
  unique: 'holds a row of this key already',
  exists: 'holds something of this name already',
  constraint: 'refuses the row',
  'disk-full': 'cannot grow: no room is left on its disk',
  access: 'cannot be opened, read or written',
  corrupt: 'is damaged or is no SQLite database',
  'too-new': 'was written by a newer program',
  'too-old': 'is too old for this program',
  io: 'cannot be read or written: the disk failed',
  closed: 'is closed',
  defect: 'refused a statement',
}

/** `path` is named in the message. An error that is one already stays what it is. */
export function sqliteError(error: unknown, path: string): DatabaseError {
  if (error instanceof DatabaseError) return error
  const code = codeOf(error)
  const detail = error instanceof Error ? error.message : String(error)
  return new DatabaseError(code, `the database ${path} ${SENTENCE[code]} (${detail})`, { cause: error })
}

function codeOf(error: unknown): DatabaseErrorCode {
  if (!(error instanceof Error)) return 'defect'
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown }
  if (typeof errcode === 'number') return EXTENDED[errcode] ?? PRIMARY[errcode & 0xff] ?? 'defect'
  if (typeof code !== 'string') return 'defect'
  if (code === 'ERR_INVALID_STATE') return 'closed'
  return FILE_SYSTEM[code] ?? 'defect'
}
