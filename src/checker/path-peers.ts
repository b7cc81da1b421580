/**
 * The targets by which a checker measures its own network: one checker of every other site, and every canary.
 * What must stay true: a dead checker does not stand for its whole site: after a miss its round asks the next one.
 */
import type { PathOutcome, PathRound } from '../core/health/path-loss.ts'
import type { Topology } from '../core/health/topology.ts'
import { rendezvousHash } from '../core/health/voters.ts'
import type { PathProber } from '../ports/path-prober.ts'
import type { ProbeTarget } from '../ports/prober.ts'

interface Peer {
  readonly targets: readonly ProbeTarget[]
  /** The one that is asked now. */
  at: number
}

export class PathPeers {
  readonly #me: { readonly name: string; readonly site: string }
  readonly #paths: PathProber
  #peers: ReadonlyMap<string, Peer> = new Map()
  #canaries: ReadonlyMap<string, ProbeTarget> = new Map()

  constructor(me: { readonly name: string; readonly site: string }, paths: PathProber) {
    this.#me = me
    this.#paths = paths
  }

  configure(topology: Topology, canaries: readonly ProbeTarget[]): void {
    const { name, site } = this.#me
    const peers = new Map<string, Peer>()
    for (const [other, checkers] of topology) {
      if (other === site) continue
      // Each of us begins with another one, so that a site's checkers share what all others ask of it.
      const at = rendezvousHash(name, other) % checkers.length
      peers.set(other, { targets: checkers, at: this.#peers.get(other)?.at ?? at })
    }
    this.#peers = peers
    this.#canaries = new Map(canaries.map((target) => [`${target.address} ${target.port}`, target]))
  }

  /** Never rejects; ends within the time-out. */
  async look(timeoutMs: number, signal: AbortSignal): Promise<PathRound> {
    const reachAll = async (targets: readonly (readonly [string, ProbeTarget | undefined])[]) => {
      const outcomes = targets.map(async ([key, target]): Promise<[string, PathOutcome]> => [
        key,
        target === undefined ? 'untried' : await this.#paths.reach(target, timeoutMs, signal),
      ])
      return new Map(await Promise.all(outcomes))
    }
    const sites = Array.from(
      this.#peers,
      ([site, { targets, at }]) => [site, targets[at % targets.length]] as const,
    )
    const [seen, canaries] = await Promise.all([reachAll(sites), reachAll([...this.#canaries])])
    return { sites: seen, canaries }
  }

  /** Asks another checker of the sites that were missed. */
  passOver({ sites }: PathRound): void {
    for (const [site, peer] of this.#peers) if (sites.get(site) === 'missed') peer.at += 1
  }
}
