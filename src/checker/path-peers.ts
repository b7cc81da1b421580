/**
 * The targets by which a checker measures its own network: one checker of every other site, and every canary.
 * What must stay true: a dead checker does not stand for its whole site: after a miss its round asks the next one; who is too far to
 * answer within the time of a look is not missed by it.
 */
import type { PathOutcome, PathRound } from '../core/health/path-loss.ts'
import type { Topology } from '../core/health/topology.ts'
import { rendezvous } from '../core/rendezvous.ts'
import type { Clock } from '../ports/clock.ts'
import type { PathProber } from '../ports/path-prober.ts'
import type { ProbeTarget } from '../ports/prober.ts'

interface Peer {
  readonly targets: readonly ProbeTarget[]
  /** The one that is asked now. */
  at: number
}

export interface PathPeersOptions {
  readonly name: string
  readonly site: string
  readonly paths: PathProber
  readonly clock: Clock
}

/** Of a round: shorter than the second between two of them, so that the fence closes before most registers go down. */
export const PATH_TIMEOUT_MS = 900
/** A target that usually takes more than this share of the time is not tried in less. */
const ROOM = 1 / 3

export class PathPeers {
  readonly #options: PathPeersOptions
  /** By address and port: how long it took when it was last reached, in ms. */
  readonly #tookMs = new Map<string, number>()
  #peers: ReadonlyMap<string, Peer> = new Map()
  #canaries: ReadonlyMap<string, ProbeTarget> = new Map()

  constructor(options: PathPeersOptions) {
    this.#options = options
  }

  configure(topology: Topology, canaries: readonly ProbeTarget[]): void {
    const { name, site } = this.#options
    const peers = new Map<string, Peer>()
    for (const [other, checkers] of topology) {
      if (other === site) continue
      // Each of us begins with another one, so that a site's checkers share what all others ask of it.
      const at = rendezvous.hash(name, other) % checkers.length
      peers.set(other, { targets: checkers, at: this.#peers.get(other)?.at ?? at })
    }
    this.#peers = peers
    this.#canaries = new Map(canaries.map((target) => [keyOf(target), target]))
    const known = new Set([...[...topology.values()].flat(), ...canaries].map(keyOf))
    for (const key of this.#tookMs.keys()) if (!known.has(key)) this.#tookMs.delete(key)
  }

  /** Never rejects; ends within the time-out. */
  async look(timeoutMs: number, signal: AbortSignal): Promise<PathRound> {
    const reachAll = async (targets: readonly (readonly [string, ProbeTarget | undefined])[]) => {
      const outcomes = targets.map(async ([key, target]): Promise<[string, PathOutcome]> => [
        key,
        target === undefined ? 'untried' : await this.#reach(target, timeoutMs, signal),
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

  async #reach(target: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<PathOutcome> {
    const { paths, clock } = this.#options
    const key = keyOf(target)
    if ((this.#tookMs.get(key) ?? 0) > timeoutMs * ROOM && timeoutMs < PATH_TIMEOUT_MS) return 'untried'
    const fromMs = clock.monotonicMs()
    const outcome = await paths.reach(target, timeoutMs, signal)
    if (outcome === 'reached') this.#tookMs.set(key, clock.monotonicMs() - fromMs)
    return outcome
  }

  /** Asks another checker of the sites that were missed. */
  passOver({ sites }: PathRound): void {
    for (const [site, peer] of this.#peers) if (sites.get(site) === 'missed') peer.at += 1
  }
}

function keyOf({ address, port }: ProbeTarget): string {
  return `${address} ${port}`
}
