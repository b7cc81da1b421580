/** The feed within one process: control publishes, checker and nameserver subscribe. */
import type { ConfigurationSnapshot, Feed } from '../../ports/feed.ts'

export class LocalFeed implements Feed {
  readonly #listeners = new Set<(snapshot: ConfigurationSnapshot) => void>()
  #current: ConfigurationSnapshot | null = null

  current(): ConfigurationSnapshot | null {
    return this.#current
  }

  subscribe(listener: (snapshot: ConfigurationSnapshot) => void): () => void {
    this.#listeners.add(listener)
    if (this.#current !== null) listener(this.#current)
    return () => this.#listeners.delete(listener)
  }

  publish(snapshot: ConfigurationSnapshot): void {
    if (this.#current !== null && snapshot.revision < this.#current.revision) return
    this.#current = snapshot
    for (const listener of this.#listeners) listener(snapshot)
  }
}
