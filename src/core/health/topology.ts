/**
 * Which sites vote, and where their checkers are: configuration, never what happens to be heard, so that a site that falls
 * silent keeps its place in every quorum and one that is removed for good leaves it (SPEC.md, T).
 */
import type { Configuration } from '../model/configuration.ts'
import type { Site } from '../model/site.ts'

export type CheckerAddress = Site['checkers'][number]

/** Sites with checkers, by name; each with its checkers by name. Empty: nothing is known, whoever is heard votes. */
export type Topology = ReadonlyMap<string, readonly CheckerAddress[]>

/** Names of all checkers; empty: whoever is heard is one. */
export function namedCheckers({ site }: Pick<Configuration, 'site'>): ReadonlySet<string> {
  return new Set([...site.values()].flatMap(({ checkers }) => checkers.map(({ name }) => name)))
}

export function topologyOf(configuration: Configuration): Topology {
  const sites = [...configuration.site.values()].filter((site) => site.checkers.length > 0)
  const byName = <T extends { readonly name: string }>(a: T, b: T) => (a.name < b.name ? -1 : 1)
  return new Map(sites.sort(byName).map((site) => [site.name, site.checkers.toSorted(byName)]))
}
