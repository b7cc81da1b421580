/** Frames between the parts of one process: a call, no copy. */
import type { Frame } from '../../core/health/frame.ts'
import type { FrameSink, FrameSource } from '../../ports/frames.ts'

export class LocalFrames implements FrameSink, FrameSource {
  readonly #listeners = new Set<(frame: Frame) => void>()
  #makeSnapshot: (() => Frame) | null = null

  send(frame: Frame): void {
    for (const listener of this.#listeners) listener(frame)
  }

  onSnapshotRequest(make: () => Frame): void {
    this.#makeSnapshot = make
  }

  subscribe(listener: (frame: Frame) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  requestSnapshot(): void {
    if (this.#makeSnapshot !== null) this.send(this.#makeSnapshot())
  }
}
