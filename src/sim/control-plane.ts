/** Control as nodes see it: the newest configuration, when it can be reached. It says nothing about health. */
import type { Configuration } from '../core/model/configuration.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'

export class ControlPlane {
  #snapshot: ConfigurationSnapshot
  #isLost = false

  constructor(configuration: Configuration) {
    this.#snapshot = { revision: 1, configuration }
  }

  /** null: nobody answers. */
  ask(): ConfigurationSnapshot | null {
    return this.#isLost ? null : this.#snapshot
  }

  commit(change: (configuration: Configuration) => Configuration): void {
    const { revision, configuration } = this.#snapshot
    this.#snapshot = { revision: revision + 1, configuration: change(configuration) }
  }

  /** Controls and store are gone. */
  lose(): void {
    this.#isLost = true
  }

  restore(): void {
    this.#isLost = false
  }
}
