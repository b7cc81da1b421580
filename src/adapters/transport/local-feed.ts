/**
 * The feed within one process: control publishes, checker and nameserver subscribe.
 * What must stay true: every reader sees the snapshots in order; one that throws harms neither control nor the others.
 */
import type { ConfigurationSnapshot, Feed } from '../../ports/feed.ts'
import { throwOutside } from './throw-outside.ts'

export class LocalFeed implements Feed {
  readonly #listeners = new Set<(snapshot: ConfigurationSnapshot) => void>()
  #current: ConfigurationSnapshot | null = null
  readonly #waiting: ConfigurationSnapshot[] = []
  readonly #onReaderError: (error: unknown) => void

  /** Without `onReaderError` the error is the process's: it is thrown outside control's turn. */
  constructor(onReaderError: (error: unknown) => void = throwOutside) {
    this.#onReaderError = onReaderError
  }

  current(): ConfigurationSnapshot | null {
    return this.#current
  }

  /** What `listener` throws at the current snapshot is thrown to the caller, whose fault it is. */
  subscribe(listener: (snapshot: ConfigurationSnapshot) => void): () => void {
    this.#listeners.add(listener)
    if (this.#current !== null) listener(this.#current)
    return () => this.#listeners.delete(listener)
  }

  /** A listener that publishes gets its snapshot handed on after the one at hand, so that all see them in order. */
  publish(snapshot: ConfigurationSnapshot): void {
    const newest = this.#waiting.at(-1) ?? this.#current
    if (newest !== null && snapshot.revision < newest.revision) return
    this.#waiting.push(snapshot)
    if (this.#waiting.length > 1) return
    for (let next = this.#waiting[0]; next !== undefined; this.#waiting.shift(), next = this.#waiting[0]) {
      this.#current = next
      for (const listener of this.#listeners) {
        try {
          listener(next)
        } catch (error) {
          this.#onReaderError(error)
        }
      }
    }
  }
}
