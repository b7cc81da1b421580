/**
 * How an answer is chosen for each query, where it is not the same for all: the form between a decision and the text that a DNS
 * server runs.
 */
export interface WeightedChoice {
  readonly value: string
  /** An integer above 0. */
  readonly weight: number
}
export interface PlacedChoice {
  readonly value: string
  readonly latitude: number
  readonly longitude: number
}

export type Leaf =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'weighted'; readonly answers: number; readonly choices: readonly WeightedChoice[] }
  | {
      readonly kind: 'sticky'
      readonly answers: number
      readonly ipv4PrefixBits: number
      readonly ipv6PrefixBits: number
      readonly choices: readonly WeightedChoice[]
    }
  | { readonly kind: 'nearest'; readonly answers: number; readonly choices: readonly PlacedChoice[] }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'empty' }

export type ClientCondition =
  | { readonly kind: 'continents'; readonly continents: readonly string[] }
  | { readonly kind: 'countries'; readonly countries: readonly string[] }
  | { readonly kind: 'asns'; readonly asns: readonly number[] }
  | {
      readonly kind: 'prefixes'
      readonly map: string
      readonly include: readonly string[]
      readonly exclude: readonly string[]
    }

export interface Branch {
  readonly when: ClientCondition
  readonly then: Leaf
}
export type Selector =
  Leaf | { readonly kind: 'by-client'; readonly branches: readonly Branch[]; readonly otherwise: Leaf }

/** The same answers with as little to choose by as possible; a leaf wherever no client gets anything else. */
export function simplify(selector: Selector): Selector {
  if (selector.kind !== 'by-client') return selector
  const { branches, otherwise } = selector
  const rest = textOf(otherwise)
  const last = branches.findLastIndex(({ then }) => textOf(then) !== rest)
  return last === -1 ? otherwise : { ...selector, branches: branches.slice(0, last + 1) }
}

function textOf(leaf: Leaf): string {
  return JSON.stringify(leaf)
}
