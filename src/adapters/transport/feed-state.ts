/**
 * The configuration as a node holds it: a snapshot and the deltas after it.
 * What must stay true: a delta is taken only on the revision right before it; what does not fit changes nothing.
 */
import { applyChanges, configurationOf, type Configuration } from '../../core/model/configuration.ts'
import type { FeedMessage, FeedSnapshot } from './feed-message.ts'
import { resourcesOf } from './snapshot-lines.ts'
import { WireFault } from './wire-fault.ts'

export interface FeedState {
  readonly revision: number
  readonly changeSet: string
  readonly configuration: Configuration
}

export function feedStateOf({ revision, changeSet, resources }: FeedSnapshot): FeedState {
  return { revision, changeSet, configuration: configurationOf(resources) }
}

export function snapshotOf({ revision, changeSet, configuration }: FeedState): FeedSnapshot {
  return { revision, changeSet, resources: resourcesOf(configuration) }
}

/** The state after a message; the same one where the message changes nothing. Throws WireFault. */
export function nextFeedState(state: FeedState | null, message: FeedMessage): FeedState | null {
  switch (message.kind) {
    case 'heartbeat':
      return state
    case 'snapshot':
      return feedStateOf(message)
    case 'resumed':
      if (state?.revision !== message.revision)
        throw new WireFault(
          `it goes on from revision ${message.revision}, this node holds ${state?.revision ?? 0}`,
        )
      return state
    case 'delta': {
      if (state === null || message.revision !== state.revision + 1)
        throw new WireFault(`revision ${message.revision} comes after ${state?.revision ?? 0}`)
      const { revision, changeSet, changes } = message
      return { revision, changeSet, configuration: applyChanges(state.configuration, changes) }
    }
  }
}
