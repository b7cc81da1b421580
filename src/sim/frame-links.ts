/**
 * Frames on their way from a checker to its readers, over the simulated network, by the rules of the real frame server: what
 * happens in one turn goes as one frame; whoever found a gap gets one whole state after it.
 * What must stay true: in one turn a reader is sent one frame and one whole state at most (invariant 11).
 */
import { FrameState } from '../adapters/transport/frame-state.ts'
import type { Frame } from '../core/health/frame.ts'
import type { FrameSink, FrameSource } from '../ports/frames.ts'
import type { Life } from './host.ts'
import type { Network } from './network.ts'

/** A reader of frames; it outlives the processes that read. */
export interface FrameDestination {
  readonly name: string
  readonly site: string
  arrive(frame: Frame): void
}

export interface FrameOutletOptions {
  readonly site: string
  readonly life: Life
  readonly network: Network
  readonly destinations: () => Iterable<FrameDestination>
  /** Before it leaves for anybody. */
  readonly onMade: (frame: Frame) => void
  /** A frame leaves for a reader. */
  readonly onSent: (kind: 'frame' | 'whole', destination: FrameDestination, frame: Frame) => void
}

/** Of one life of a checker. */
export class FrameOutlet implements FrameSink {
  readonly #options: FrameOutletOptions
  readonly #state = new FrameState()
  readonly #needWhole = new Set<FrameDestination>()
  #isFlushing = false

  constructor(options: FrameOutletOptions) {
    this.#options = options
  }

  send(frame: Frame): void {
    this.#state.add(frame)
    this.#flushSoon()
  }

  /** As in the real frame server: the whole state is kept here. */
  onSnapshotRequest(): void {
    return
  }

  /** A reader asks for the whole state. */
  ask(destination: FrameDestination): void {
    this.#needWhole.add(destination)
    this.#flushSoon()
  }

  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    this.#options.life.after(0, () => {
      this.#isFlushing = false
      this.#flush()
    })
  }

  #flush(): void {
    const frame = this.#state.take()
    if (frame !== null) {
      this.#options.onMade(frame)
      for (const destination of this.#options.destinations()) this.#bring('frame', destination, frame)
    }
    if (this.#needWhole.size === 0) return
    const whole = this.#state.whole()
    if (whole === null) return
    this.#options.onMade(whole)
    for (const destination of this.#needWhole) this.#bring('whole', destination, whole)
    this.#needWhole.clear()
  }

  #bring(kind: 'frame' | 'whole', destination: FrameDestination, frame: Frame): void {
    const { site, network, onSent } = this.#options
    onSent(kind, destination, frame)
    network.send(
      { from: site, to: destination.site, connection: `${frame.checker} ${destination.name}` },
      () => {
        destination.arrive(frame)
      },
    )
  }
}

/** Of one life of a reader. */
export class FrameInlet implements FrameSource {
  readonly #listeners = new Set<(frame: Frame) => void>()
  readonly #ask: (checker: string) => void

  constructor(ask: (checker: string) => void) {
    this.#ask = ask
  }

  subscribe(listener: (frame: Frame) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  requestSnapshot(checker: string): void {
    this.#ask(checker)
  }

  take(frame: Frame): void {
    for (const listener of this.#listeners) listener(frame)
  }
}
