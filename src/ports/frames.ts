/** Frames, from checkers to readers. A slow reader is dropped, never waited for. */
import type { Frame } from '../core/health/frame.ts'

export interface FrameSink {
  /** Never blocks and never throws. */
  send(frame: Frame): void
  /** Set by the checker: answers with a snapshot frame when a reader found a gap. */
  onSnapshotRequest(make: () => Frame): void
}

export interface FrameSource {
  /** Calls `listener` for each frame as it comes. The result ends it. */
  subscribe(listener: (frame: Frame) => void): () => void
  /** Asks one checker for a snapshot. */
  requestSnapshot(checker: string): void
}
