/** An insert that another one may come before: run again as a whole, what that one wrote is there. */
import { DatabaseError } from './database-error.ts'

export async function racing<T>(inserting: Promise<T>): Promise<T> {
  try {
    return await inserting
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== 'unique') throw error
    throw new DatabaseError('raced', error.message, { cause: error })
  }
}
