const FIRST_MS = 250
const LAST_MS = 5_000

/** Before the `attempt`th try in a row (from 0): longer each time, and by `chance` (0 to 1) not the same for all pages. */
export function retryPauseMs(attempt: number, chance: number): number {
  return Math.min(FIRST_MS * 2 ** attempt, LAST_MS) * (0.5 + chance / 2)
}
