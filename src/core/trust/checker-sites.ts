/**
 * Whether a certificate is that of a checker which the configuration has at another site.
 * What must stay true: a checker that the configuration does not name is at no wrong site, as it joins before it is named; nameservers
 * and controls stand in no configuration.
 */
import type { Configuration } from '../model/configuration.ts'
import type { PeerIdentity } from '../model/peer-identity.ts'

export class CheckerSites {
  #sites: Configuration['site'] | null = null
  /** By the name of the checker, which is unique over all sites. */
  #siteOf: ReadonlyMap<string, string> = new Map()

  /** In words; null: nothing speaks against it. */
  fault(identity: PeerIdentity, { site: sites }: Pick<Configuration, 'site'>): string | null {
    if (identity.role !== 'checker') return null
    if (this.#sites !== sites) {
      this.#sites = sites
      this.#siteOf = new Map(
        Array.from(sites.values(), ({ name: site, checkers }) =>
          checkers.map(({ name }) => [name, site] as const),
        ).flat(),
      )
    }
    const site = this.#siteOf.get(identity.name) ?? identity.site
    return site === identity.site
      ? null
      : `the configuration has checker ${identity.name} at site ${site}, its certificate says ${identity.site}`
  }
}
