/** The feed: configuration from control to checkers and nameservers, a whole snapshot at a revision. */
import type { Configuration } from '../core/model/configuration.ts'

export interface ConfigurationSnapshot {
  readonly revision: number
  readonly configuration: Configuration
}

export interface Feed {
  /** null before the first snapshot has come. */
  current(): ConfigurationSnapshot | null
  /** Calls `listener` with the current snapshot, if any, and with each later one, in order. The result ends it. */
  subscribe(listener: (snapshot: ConfigurationSnapshot) => void): () => void
}
