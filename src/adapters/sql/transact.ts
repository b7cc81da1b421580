/**
 * Runs work on a database until it has been done once: again when it lost a race, and again when the connection broke.
 * What must stay true: work is run again as a whole, never from its middle; when the outcome of an earlier try is not known, the
 * next one is told so, and finds out by what it wrote; the time is bounded.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import { DatabaseError, type DatabaseErrorCode } from './database-error.ts'

export interface Attempt {
  /** An earlier try may have been committed. */
  readonly maybeDone: boolean
}

const AGAIN: readonly DatabaseErrorCode[] = ['raced', 'lost', 'unknown']
/** Each of three servers may be tried twice, with the default time-out of connecting. */
const PATIENCE_MS = 20_000
const FIRST_DELAY_MS = 5
const MAX_DELAY_MS = 500

/** In one transaction. Throws DatabaseError: after its patience the last one. */
export function transact<Schema, T>(
  database: Kysely<Schema>,
  work: (transaction: Transaction<Schema>, attempt: Attempt) => Promise<T>,
  mode: 'read write' | 'read only' = 'read write',
): Promise<T> {
  return untilDone((attempt) =>
    database
      .transaction()
      .setAccessMode(mode)
      .execute((transaction) => work(transaction, attempt)),
  )
}

/** For what is one statement, or reads only. */
export async function untilDone<T>(
  work: (attempt: Attempt) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadlineMs = performance.now() + patienceMs
  let maybeDone = false
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(MAX_DELAY_MS, delayMs * 2)) {
    try {
      return await work({ maybeDone })
    } catch (error) {
      if (!(error instanceof DatabaseError) || !AGAIN.includes(error.code)) throw error
      if (performance.now() + delayMs >= deadlineMs) throw maybeDone ? unknownAfter(error) : error
      maybeDone ||= error.code === 'unknown'
    }
    // Two that raced do not meet again.
    await delay(delayMs * (0.5 + Math.random()))
  }
}

function unknownAfter(error: DatabaseError): DatabaseError {
  return new DatabaseError(
    'unknown',
    `${error.message}; whether the change was kept is not known: the same one may be sent again`,
    { cause: error },
  )
}
