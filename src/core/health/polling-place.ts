/**
 * Where the votes of one electorate are counted: its sites on the roll, the places among them, and the quorum of these places
 * (SPEC.md, B3 to B5). Built anew when the roll or the configuration changes, never when somebody falls silent.
 */
import type { EndpointKey } from '../model/resource.ts'
import { quorumAt, type Electorate } from './electorate.ts'
import type { RolledSite } from './roll-call.ts'
import type { Quorum } from './verdict.ts'
import { VoterPicker } from './voters.ts'

export class PollingPlace {
  readonly electorate: Electorate
  /** How many sites vote on one endpoint. */
  readonly places: number
  readonly quorum: Quorum
  readonly #sites: readonly RolledSite[]
  /** Where the sites of the electorate stand on the roll. */
  readonly #positions: readonly number[]
  readonly #picker: VoterPicker

  constructor(electorate: Electorate, sites: readonly RolledSite[]) {
    const isAllowed = ({ site }: RolledSite) => electorate.sites?.includes(site) ?? true
    this.electorate = electorate
    this.#sites = sites.filter(isAllowed)
    this.#positions = [...sites.keys()].filter((position) => {
      const site = sites[position]
      return site !== undefined && isAllowed(site)
    })
    this.#picker = new VoterPicker(this.#sites.map(({ site }) => site))
    this.places = Math.min(electorate.voters, this.#sites.length)
    this.quorum = quorumAt(electorate, this.places)
  }

  /** Writes the positions on the roll of the sites that vote on the endpoint to `out` from `at` on, `places` of them. */
  assign(endpoint: EndpointKey, out: Uint16Array, at: number): void {
    const voters = this.electorate.voters
    const isGone = (position: number) => this.#sites[position]?.isGone ?? true
    const count = this.#picker.pick(endpoint, { voters, isGone }, { out, at })
    for (let place = at; place < at + count; place += 1) out[place] = this.#positions[out[place] ?? 0] ?? 0
  }

  /** True when as many of its sites are among `live` as an up takes. */
  hasQuorumAmong(live: ReadonlySet<string>): boolean {
    return this.#sites.filter(({ site }) => live.has(site)).length >= this.quorum.up
  }
}
