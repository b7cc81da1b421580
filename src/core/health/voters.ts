/**
 * Who votes on an endpoint: the first K sites in rendezvous order (rendezvous.ts) that are not gone. Every
 * reader computes the same order from the names alone, and a site that comes or goes moves only its own share of the endpoints.
 */
import type { EndpointKey } from '../model/resource.ts'
import { rendezvous } from '../rendezvous.ts'

/** The default of a monitor's `voters`. */
export const DEFAULT_VOTERS = 5

export class VoterPicker {
  readonly #sites: readonly string[]
  /** The hash as it is after each site's name, so that only the endpoint's remains to be hashed. */
  readonly #prefixes: readonly number[]
  readonly #ranks: Float64Array

  /** `sites`: in order of name. */
  constructor(sites: readonly string[]) {
    this.#sites = sites
    this.#prefixes = sites.map((site) => rendezvous.prefix(site))
    this.#ranks = new Float64Array(sites.length)
  }

  /**
   * Writes the positions of the voting sites to `out` from `at` on and returns how many there are: the first `voters` that are
   * not gone; where there are fewer, gone ones keep the places that are left, silent. All of them, by name, when they are no
   * more than `voters`.
   */
  pick(
    endpoint: EndpointKey,
    { voters, isGone }: { readonly voters: number; readonly isGone: (position: number) => boolean },
    { out, at }: { readonly out: Uint16Array | number[]; readonly at: number },
  ): number {
    const count = this.#sites.length
    if (count <= voters) {
      for (let position = 0; position < count; position += 1) out[at + position] = position
      return count
    }
    const ranks = this.#ranks
    for (let position = 0; position < count; position += 1) {
      const rank = rendezvous.hashFrom(this.#prefixes[position] ?? 0, endpoint)
      ranks[position] = isGone(position) ? rank : rank + 2 ** 32
    }
    for (let place = 0; place < voters; place += 1) {
      let best = 0
      for (let position = 1; position < count; position += 1)
        if ((ranks[position] ?? 0) > (ranks[best] ?? 0)) best = position
      out[at + place] = best
      ranks[best] = -1
    }
    return voters
  }
}

/** The same in names: for the few who ask about one endpoint. */
export function votersOf(
  endpoint: EndpointKey,
  sites: readonly string[],
  { voters = DEFAULT_VOTERS, isGone = () => false }: VoterRules = {},
): readonly string[] {
  const sorted = [...sites].sort()
  const places: number[] = []
  new VoterPicker(sorted).pick(
    endpoint,
    { voters, isGone: (position) => isGone(sorted[position] ?? '') },
    { out: places, at: 0 },
  )
  return places.flatMap((position) => sorted[position] ?? [])
}

export interface VoterRules {
  readonly voters?: number
  readonly isGone?: (site: string) => boolean
}
