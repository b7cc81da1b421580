/**
 * Waits for a lock that another process holds, without holding the event loop: SQLite's own busy timeout sleeps inside
 * the call, and a process that also probes and publishes must not sleep with it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseError } from './database-error.ts'

const RETRY_MS = 5

/** `attempt` must leave nothing behind when it throws 'busy'. After `timeoutMs` that error is the caller's. */
export async function whenFree<T>(attempt: () => T, timeoutMs: number): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      const busy = error instanceof DatabaseError && error.code === 'busy'
      if (!busy || performance.now() >= deadlineMs) throw error
      await delay(RETRY_MS)
    }
  }
}
