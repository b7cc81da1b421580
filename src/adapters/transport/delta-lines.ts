/**
 * Revisions as lines of the feed, read and made once for all nodes that miss the same ones: a change wakes all nodes at once.
 * What must stay true: what a node gets is what the store says; a reading that failed, or that is not what comes next, is not kept;
 * what is kept is little, and goes with the next revision.
 */
import type { ConfigurationSnapshot } from '../../ports/feed.ts'
import type { Revision, Store } from '../../ports/store.ts'
import type { FeedMessage } from './feed-message.ts'

export interface DeltaLine {
  readonly revision: number
  readonly line: Uint8Array
}

const BATCH = 100
/** Positions of nodes, of which most are at the same one. */
const MAX_KEPT = 8

export class DeltaLines {
  readonly #store: Pick<Store, 'revisionsAfter'>
  #of: ConfigurationSnapshot | null = null
  readonly #kept = new Map<number, Promise<readonly DeltaLine[] | null>>()

  constructor(store: Pick<Store, 'revisionsAfter'>) {
    this.#store = store
  }

  /** The next ones after revision `after`, up to `current`; null: the store does not have them, or does not answer. */
  linesAfter(after: number, current: ConfigurationSnapshot): Promise<readonly DeltaLine[] | null> {
    if (this.#of !== current) this.#kept.clear()
    this.#of = current
    const known = this.#kept.get(after)
    if (known !== undefined) return known
    const lines = this.#read(after, current.revision)
    this.#keep(after, lines)
    return lines
  }

  #keep(after: number, lines: Promise<readonly DeltaLine[] | null>): void {
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined && this.#kept.size >= MAX_KEPT) this.#kept.delete(oldest)
    this.#kept.set(after, lines)
    void lines.then((read) => {
      if (read === null && this.#kept.get(after) === lines) this.#kept.delete(after)
    })
  }

  async #read(after: number, head: number): Promise<readonly DeltaLine[] | null> {
    let revisions: readonly Revision[]
    try {
      revisions = await this.#store.revisionsAfter(after, BATCH)
    } catch {
      // The feed goes on from memory.
      return null
    }
    if (revisions[0]?.number !== after + 1) return null
    return revisions.filter(({ number }) => number <= head).map(lineOf)
  }
}

function lineOf({ number, changeSetId, changes }: Revision): DeltaLine {
  const delta: FeedMessage = {
    ...{ kind: 'delta', revision: number, changeSet: changeSetId },
    changes: changes.map(
      ({ kind, key, after }) =>
        (after === null ? { op: 'delete', kind, key } : { op: 'put', kind, key, spec: after }) as never,
    ),
  }
  return { revision: number, line: Buffer.from(`${JSON.stringify(delta)}\n`) }
}
