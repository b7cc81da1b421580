/** Verdicts on disk, so that a restart neither forgets health nor publishes blind. */
import type { SavedVerdict } from '../core/health/verdict-book.ts'

export interface VerdictStorage {
  /** Empty when there is none; what does not verify is set aside and said aloud, and counts as none. */
  load(): Promise<readonly SavedVerdict[]>
  /**
   * Replaces everything: after a crash the old verdicts or the new ones are there, never a part. `verdicts` is read bit by bit
   * until it resolves.
   */
  save(verdicts: Iterable<SavedVerdict>): Promise<void>
  /** Puts these in the place of what was saved for their endpoints: after a crash all of them or none. After a `save` alone. */
  append(verdicts: readonly SavedVerdict[]): Promise<void>
}
