/** Verdicts on disk, so that a restart neither forgets health nor publishes blind. */
import type { SavedVerdict } from '../core/health/verdict-book.ts'

export interface VerdictStorage {
  /** Empty when there is none; a file that does not verify is set aside and said aloud, and counts as none. */
  load(): Promise<readonly SavedVerdict[]>
  /** Replaces the file as a whole: after a crash the old or the new one is there, never a part. */
  save(verdicts: readonly SavedVerdict[]): Promise<void>
}
