/**
 * What a database can fail with, in one vocabulary for every engine, so that callers decide on a code and never on an
 * engine's own numbers. The engine's error is the cause; the message is a sentence for the operator.
 */
export type DatabaseErrorCode =
  /** Somebody else holds the lock for too long, or the server has no room for one more. */
  | 'busy'
  /** The transaction lost a race: run the whole of it again. */
  | 'raced'
  /** The server cannot be reached, or the connection broke: nothing of the transaction was kept. */
  | 'lost'
  /** The connection broke while the transaction was being committed: it was kept as a whole, or nothing of it was. */
  | 'unknown'
  /** A row of this key is there already. */
  | 'unique'
  /** A table or another object of this name is there already. */
  | 'exists'
  /** Another rule of the schema forbids the row. */
  | 'constraint'
  /** No room on the disk (or the file's page limit is reached); nothing of the transaction was kept. */
  | 'disk-full'
  /** The path cannot be opened, read or written. */
  | 'access'
  /** The file is damaged, or is no database, or a row in it does not verify. */
  | 'corrupt'
  /** The schema is newer than this program. */
  | 'too-new'
  /** The schema is older, and to bring it to what this program knows would break programs at work on it. */
  | 'too-old'
  /** The disk failed in another way. */
  | 'io'
  /** The database was closed before. */
  | 'closed'
  /** A defect of the program: wrong SQL, a value that cannot be bound. */
  | 'defect'

export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode

  constructor(code: DatabaseErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'DatabaseError'
    this.code = code
  }
}
