/**
 * Snapshots as lines of the feed, made once for all nodes that need one at a time.
 * What must stay true: the id of the change set is that of the very revision, or '' where the store does not say: a node
 * that holds '' gets a whole snapshot the next time.
 */
import { KINDS, type Resource } from '../../core/model/resource.ts'
import type { Configuration } from '../../core/model/configuration.ts'
import type { ConfigurationSnapshot } from '../../ports/feed.ts'
import type { Revision } from '../../ports/store.ts'
import { snapshotText } from './feed-message.ts'

export class SnapshotLines {
  readonly #revisionOf: (number: number) => Promise<Revision | null>
  #made: { readonly of: Configuration; readonly line: Uint8Array } | null = null

  /** `revisionOf` may fail. */
  constructor(revisionOf: (number: number) => Promise<Revision | null>) {
    this.#revisionOf = revisionOf
  }

  async lineOf({ revision, configuration }: ConfigurationSnapshot): Promise<Uint8Array> {
    if (this.#made?.of === configuration) return this.#made.line
    const changeSet = await this.#changeSetOf(revision)
    const resources = resourcesOf(configuration)
    const line = Buffer.from(`${snapshotText({ revision, changeSet: changeSet ?? '', resources })}\n`)
    if (changeSet !== null) this.#made = { of: configuration, line }
    return line
  }

  async #changeSetOf(revision: number): Promise<string | null> {
    try {
      return (await this.#revisionOf(revision))?.changeSetId ?? null
    } catch {
      return null
    }
  }
}

/** Everything in a configuration, in the order in which references allow it to be created. */
export function resourcesOf(configuration: Configuration): Resource[] {
  return KINDS.flatMap((kind) =>
    [...configuration[kind].entries()].map(([key, spec]) => ({ kind, key, spec }) as Resource),
  )
}
