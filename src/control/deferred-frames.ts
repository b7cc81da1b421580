/**
 * Frames, one turn of the loop later: control looks at a change after the nameserver beside it has written the answer, so
 * that what it does for people never stands in the way of an answer. The order stays.
 */
import type { Frame } from '../core/health/frame.ts'
import type { FrameSource } from '../ports/frames.ts'

export function deferredFrames(source: FrameSource): FrameSource {
  return {
    subscribe: (listener) => {
      let isOver = false
      const end = source.subscribe((frame: Frame) => {
        setImmediate(() => {
          if (!isOver) listener(frame)
        })
      })
      return () => {
        isOver = true
        end()
      }
    },
    requestSnapshot: (checker) => {
      source.requestSnapshot(checker)
    },
  }
}
