/**
 * How many denials of whom are written one by one in a window.
 * What must stay true: strangers take nothing of what is kept for those who are known or vouched for, what a node tells of others takes
 * nothing of its own, reads nothing of what is kept for writes, and one address nothing of what is kept for another of the same token;
 * what is remembered is bounded.
 */
import type { ShareOf } from '../../core/access/fair-share.ts'
import { NestedShare } from '../../core/access/nested-share.ts'
import { clientNetwork } from '../../core/net/client-network.ts'
import type { Denial } from './denial.ts'

const OF_PLACES: ShareOf = { each: 20, known: 2_000, more: 500 }
const OF_SOURCES: ShareOf = { each: 30, known: 500, more: 500 }
const SIZES = {
  /** Tokens and nodes, by where they come from. */
  reads: { outer: OF_SOURCES, inner: OF_PLACES },
  writes: { outer: OF_SOURCES, inner: OF_PLACES },
  /** By who tells of them. */
  vouched: { outer: { each: 40, known: 500, more: 500 }, inner: { each: 5, known: 2_000, more: 500 } },
  relayed: { outer: { each: 40, known: 500, more: 500 }, inner: { each: 10, known: 2_000, more: 500 } },
  networks: { outer: { each: 50, known: 500, more: 500 }, inner: { each: 50, known: 500, more: 500 } },
} as const
/** Entries for what is more of one of them, each of a network of its own. */
const MAX_PLACES = 10

type Kind = keyof typeof SIZES

export interface DenialSource {
  readonly kind: Kind
  /** Token, node or network that answers for it. */
  readonly outer: string
  readonly inner: string
}

export class DenialShares {
  readonly #shares = {
    reads: new NestedShare(SIZES.reads),
    writes: new NestedShare(SIZES.writes),
    vouched: new NestedShare(SIZES.vouched),
    relayed: new NestedShare(SIZES.relayed),
    networks: new NestedShare(SIZES.networks),
  }
  /** Those that have an entry for what is more. */
  readonly #places = new Map<string, Set<string>>()

  take({ kind, outer, inner }: DenialSource): boolean {
    return this.#shares[kind].take(outer, inner)
  }

  /** What is more of it is counted for this: of the one place, of many places, or of nobody (null). */
  groupOf({ kind, outer, inner }: DenialSource): DenialSource | null {
    if (!this.#shares[kind].knowsOuter(outer)) return null
    const key = JSON.stringify([kind, outer])
    const places = this.#places.get(key) ?? new Set()
    this.#places.set(key, places)
    if (!places.has(inner) && places.size >= MAX_PLACES) return { kind, outer, inner: '' }
    places.add(inner)
    return { kind, outer, inner }
  }

  /** Everybody begins anew. */
  reset(): void {
    for (const share of Object.values(this.#shares)) share.reset()
    this.#places.clear()
  }
}

export function sourceOf({ actor, from, action, by, via = '', vouched }: Denial): DenialSource {
  const network = clientNetwork(from)
  if (vouched) return { kind: 'vouched', outer: via, inner: actor }
  if (via !== '') return { kind: 'relayed', outer: via, inner: network }
  const known = by ?? actor
  if (known === '') return { kind: 'networks', outer: network, inner: network }
  const isWrite = /^(POST|PUT|PATCH|DELETE) \/v1\//.test(action)
  return { kind: isWrite ? 'writes' : 'reads', outer: known, inner: network }
}
