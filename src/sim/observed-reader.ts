/** The real reader of verdicts; what it hands on is seen on the way, by an observer that changes nothing. */
import type { Transition } from '../core/health/verdict-book.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'
import { VerdictReader, type VerdictListener, type VerdictReaderOptions } from '../readers/verdict-reader.ts'

export interface ReaderObserver {
  configured(snapshot: ConfigurationSnapshot): void
  /** Before anybody acts on them. */
  transitions(transitions: readonly Transition[]): void
}

export class ObservedReader extends VerdictReader {
  readonly #observer: ReaderObserver

  constructor(options: VerdictReaderOptions, observer: ReaderObserver) {
    super(options)
    this.#observer = observer
  }

  override start(listener: VerdictListener): void {
    super.start({
      onConfiguration: (snapshot) => {
        this.#observer.configured(snapshot)
        listener.onConfiguration(snapshot)
      },
      onTransitions: (transitions) => {
        this.#observer.transitions(transitions)
        listener.onTransitions(transitions)
      },
      onAlarm: (alarm) => {
        listener.onAlarm(alarm)
      },
    })
  }
}
