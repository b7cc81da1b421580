/**
 * SQLSTATE codes (PostgreSQL 15 appendix A; CockroachDB uses the same) and what the network fails with, in the words of
 * DatabaseError. What must stay true: no text of an error names a password.
 */
import pg from 'pg'
import { DatabaseError, type DatabaseErrorCode } from '../database-error.ts'

const NO_DATABASE = '3D000'

const STATES: Readonly<Record<string, DatabaseErrorCode>> = {
  /** serialization_failure (CockroachDB: restart transaction), deadlock_detected */
  '40001': 'raced',
  '40P01': 'raced',
  /** duplicate_object, duplicate_table: of 'create table if not exists' by two in the same moment, too */
  '42710': 'exists',
  '42P07': 'exists',
  /** statement_completion_unknown: CockroachDB's "result is ambiguous" */
  '40003': 'unknown',
  '23505': 'unique',
  /** disk_full */
  '53100': 'disk-full',
  /** too_many_connections, lock_not_available, query_canceled (a time-out) */
  '53300': 'busy',
  '55P03': 'busy',
  '57014': 'busy',
  /** read_only_sql_transaction: a standby, which was the primary a moment ago */
  '25006': 'lost',
  /** admin_shutdown, crash_shutdown, cannot_connect_now, idle_in_transaction_session_timeout */
  '57P01': 'lost',
  '57P02': 'lost',
  '57P03': 'lost',
  '25P03': 'lost',
  /** io_error; data_corrupted, index_corrupted */
  '58030': 'io',
  XX001: 'corrupt',
  XX002: 'corrupt',
  /** insufficient_privilege, invalid_catalog_name */
  '42501': 'access',
  [NO_DATABASE]: 'access',
}

/** By the first two characters. */
const CLASSES: Readonly<Record<string, DatabaseErrorCode>> = {
  '08': 'lost',
  '23': 'constraint',
  '28': 'access',
  '53': 'busy',
}

const SENTENCE: Readonly<Record<DatabaseErrorCode, string>> = {
  busy: 'is too busy',
  raced: 'was changed meanwhile',
  lost: 'cannot be reached',
  unknown: 'was lost while it committed',
  unique: 'holds a row of this key already',
  exists: 'holds something of this name already',
  constraint: 'refuses the row',
  'disk-full': 'cannot grow: no room is left on its disk',
  access: 'refuses this user',
  corrupt: 'is damaged',
  'too-new': 'was written by a newer program',
  'too-old': 'is too old for this program',
  io: 'cannot read or write its disk',
  closed: 'is closed',
  defect: 'refused a statement',
}

/** `place` names the servers, without a password. An error that is one already stays what it is. */
export function postgresError(error: unknown, place: string): DatabaseError {
  if (error instanceof DatabaseError) return error
  const code = codeOf(error)
  if (error instanceof pg.DatabaseError && error.code === NO_DATABASE)
    return new DatabaseError(
      code,
      `the database ${place} does not exist: create it first, or name another one (${error.message})`,
      { cause: error },
    )
  const detail = error instanceof Error ? error.message : String(error)
  return new DatabaseError(code, `the database ${place} ${SENTENCE[code]} (${detail})`, { cause: error })
}

/** Of a commit: whatever broke the connection left its outcome open. */
export function commitError(error: unknown, place: string): DatabaseError {
  const { code, message } = postgresError(error, place)
  return new DatabaseError(code === 'lost' ? 'unknown' : code, message, { cause: error })
}

function codeOf(error: unknown): DatabaseErrorCode {
  if (error instanceof pg.DatabaseError) {
    const state = error.code ?? ''
    return STATES[state] ?? CLASSES[state.slice(0, 2)] ?? 'defect'
  }
  if (error instanceof TypeError || error instanceof RangeError) return 'defect'
  // A certificate that does not verify, a name that is not found: trying again may help as little as with a dead server, and the
  // sentence says which it is. Everything that is not an answer of the server is the connection's.
  return error instanceof Error ? 'lost' : 'defect'
}
