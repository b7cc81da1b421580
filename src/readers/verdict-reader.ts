/**
 * A reader of feed and frames: keeps a VerdictBook current. Every nameserver has one, to decide answers, and every control
 * has one, to show them; both come to the same verdicts by themselves.
 * What must stay true: a frame's consequences are handed on in the same turn of the loop; a gap asks for a snapshot.
 */
import type { Frame } from '../core/health/frame.ts'
import type { HealthAlarm } from '../core/health/health-alarm.ts'
import { healthIntentOf } from '../core/health/health-intent.ts'
import {
  VerdictBook,
  type HealthTimes,
  type SavedVerdict,
  type Transition,
} from '../core/health/verdict-book.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConfigurationSnapshot, Feed } from '../ports/feed.ts'
import type { FrameSource } from '../ports/frames.ts'

export interface VerdictListener {
  /** Verdicts changed; the book already holds the new ones. */
  onTransitions(transitions: readonly Transition[]): void
  /** A new configuration is in force; the book already knows its endpoints. */
  onConfiguration(snapshot: ConfigurationSnapshot): void
  /** Something is wrong with the health plane itself, as of now. */
  onAlarm(alarm: HealthAlarm): void
}

export interface VerdictReaderOptions {
  readonly feed: Feed
  readonly frames: FrameSource
  readonly clock: Clock
  readonly times: HealthTimes
  readonly saved: readonly SavedVerdict[]
  /** Keep what the probes said, to show it. */
  readonly keepsOutput: boolean
}

const TICK_MS = 1_000

export class VerdictReader {
  readonly book: VerdictBook
  readonly #options: VerdictReaderOptions
  readonly #ends: (() => void)[] = []
  #listener: VerdictListener | null = null
  #snapshot: ConfigurationSnapshot | null = null
  /** Those that were told, as long as they last. */
  #alarms: ReadonlySet<string> = new Set()

  constructor(options: VerdictReaderOptions) {
    this.#options = options
    const { times, keepsOutput, saved } = options
    this.book = new VerdictBook({ times, keepsOutput })
    this.book.restore(saved)
  }

  get snapshot(): ConfigurationSnapshot | null {
    return this.#snapshot
  }

  start(listener: VerdictListener): void {
    this.#listener = listener
    this.#ends.push(
      this.#options.feed.subscribe((snapshot) => {
        this.#define(snapshot)
      }),
    )
    this.#ends.push(
      this.#options.frames.subscribe((frame) => {
        this.#hear(frame)
      }),
    )
    this.#tickLater()
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
    this.#listener = null
  }

  #define(snapshot: ConfigurationSnapshot): void {
    this.#snapshot = snapshot
    // Revision 0 is a store in which nothing was ever committed: a new one, or one that was lost. It says nothing about what
    // is judged, so what an earlier run knew stands.
    if (snapshot.revision === 0) {
      this.#listener?.onConfiguration(snapshot)
      return
    }
    const intent = healthIntentOf(snapshot.configuration)
    const transitions = this.book.define(intent, this.#options.clock.monotonicMs())
    this.#listener?.onConfiguration(snapshot)
    this.#handOn(transitions)
  }

  #hear(frame: Frame): void {
    const { outcome, transitions } = this.book.hear(frame, this.#options.clock.monotonicMs())
    if (outcome.kind === 'gap') this.#options.frames.requestSnapshot(frame.checker)
    this.#handOn(transitions)
  }

  #handOn(transitions: readonly Transition[]): void {
    if (transitions.length > 0) this.#listener?.onTransitions(transitions)
  }

  #tickLater(): void {
    const cancel = this.#options.clock.after(TICK_MS, () => {
      this.#ends.splice(this.#ends.indexOf(cancel), 1)
      // Before the listener is called: it may stop the reader, and then nothing may be left running.
      this.#tickLater()
      this.#handOn(this.book.tick(this.#options.clock.monotonicMs()))
      this.#tellAlarms()
    })
    this.#ends.push(cancel)
  }

  #tellAlarms(): void {
    const standing = new Set<string>()
    for (const alarm of this.book.alarms()) {
      const name = `${alarm.kind} ${alarm.about}`
      standing.add(name)
      if (!this.#alarms.has(name)) this.#listener?.onAlarm(alarm)
    }
    this.#alarms = standing
  }
}
