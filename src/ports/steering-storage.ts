/** What steering remembers, on disk, so that a restart neither loses a latch nor exceeds a budget. */
import type { SavedSteering } from '../core/steering/state/saved-steering.ts'

export interface SteeringStorage {
  /** null when there is none; a file that does not verify is set aside and said aloud, and counts as none. */
  load(): Promise<SavedSteering | null>
  /** Replaces the file as a whole: after a crash the old or the new one is there, never a part. */
  save(steering: SavedSteering): Promise<void>
}
