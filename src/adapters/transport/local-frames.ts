/** Frames between the parts of one process: a call, no copy. A reader that throws harms neither the checker nor the others. */
import type { Frame } from '../../core/health/frame.ts'
import type { FrameSink, FrameSource } from '../../ports/frames.ts'
import { throwOutside } from './throw-outside.ts'

export class LocalFrames implements FrameSink, FrameSource {
  readonly #listeners = new Set<(frame: Frame) => void>()
  readonly #onReaderError: (error: unknown) => void
  #makeSnapshot: (() => Frame) | null = null

  /** Without `onReaderError` the error is the process's: it is thrown outside the checker's turn. */
  constructor(onReaderError: (error: unknown) => void = throwOutside) {
    this.#onReaderError = onReaderError
  }

  send(frame: Frame): void {
    for (const listener of this.#listeners) {
      try {
        listener(frame)
      } catch (error) {
        this.#onReaderError(error)
      }
    }
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
