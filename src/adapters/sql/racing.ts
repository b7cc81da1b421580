/**
 * An insert, or a 'create table if not exists', that another one may come before: run again as a whole, what that one wrote is there.
 * PostgreSQL tells the second with an error where both come in the same moment.
 */
import { DatabaseError, type DatabaseErrorCode } from './database-error.ts'

const LOST: ReadonlySet<DatabaseErrorCode> = new Set(['unique', 'exists'])

export async function racing<T>(inserting: Promise<T>): Promise<T> {
  try {
    return await inserting
  } catch (error) {
    if (!(error instanceof DatabaseError) || !LOST.has(error.code)) throw error
    throw new DatabaseError('raced', error.message, { cause: error })
  }
}
