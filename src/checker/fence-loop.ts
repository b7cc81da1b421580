/**
 * Measures our own network, once a second: one checker of every other site and every canary, over the same path as the
 * endpoints (SPEC.md, F). What must stay true: a round ends before the next begins; after `stop` nothing is reported any more.
 */
import { openFence, stepSelfFence, type PathOutcome, type SelfFence } from '../core/health/self-fence.ts'
import type { Topology } from '../core/health/topology.ts'
import { rendezvousHash } from '../core/health/voters.ts'
import type { Clock } from '../ports/clock.ts'
import type { PathProber } from '../ports/path-prober.ts'
import type { ProbeTarget } from '../ports/prober.ts'
import type { TimerWheel } from './timer-wheel.ts'

export interface FenceLoopOptions {
  readonly name: string
  readonly site: string
  readonly paths: PathProber
  readonly clock: Clock
  readonly wheel: TimerWheel
  /** Called in the turn in which the fence closed or opened. */
  readonly onChange: (fence: SelfFence) => void
}

const ROUND_MS = 1_000
/** Shorter than a round, and than the time-out of most probes: the fence should close before registers go down. */
const PATH_TIMEOUT_MS = 900

interface Peer {
  readonly targets: readonly ProbeTarget[]
  /** The one that is asked now; the next one after a miss, so that a dead checker does not stand for its whole site. */
  at: number
}

export class FenceLoop {
  readonly #options: FenceLoopOptions
  readonly #abort = new AbortController()
  #peers: ReadonlyMap<string, Peer> = new Map()
  #canaries: ReadonlyMap<string, ProbeTarget> = new Map()
  #fence = openFence()
  #cancel: () => void = () => undefined
  #round: Promise<void> = Promise.resolve()

  constructor(options: FenceLoopOptions) {
    this.#options = options
  }

  get fence(): SelfFence {
    return this.#fence
  }

  configure(topology: Topology, canaries: readonly ProbeTarget[]): void {
    const { name, site } = this.#options
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

  start(): void {
    this.#roundAt(this.#options.clock.monotonicMs())
  }

  /** Resolves when no connection is being tried any more. */
  stop(): Promise<void> {
    this.#cancel()
    this.#abort.abort()
    return this.#round
  }

  /** On a fixed beat; rounds that a stall swallowed are not made up for. */
  #roundAt(dueMs: number): void {
    this.#cancel = this.#options.wheel.schedule(dueMs, () => {
      this.#round = this.#measure().then(() => {
        if (this.#abort.signal.aborted) return
        const nowMs = this.#options.clock.monotonicMs()
        const nextMs = dueMs + ROUND_MS
        this.#roundAt(nextMs > nowMs ? nextMs : nowMs + ROUND_MS)
      })
    })
  }

  async #measure(): Promise<void> {
    const peers = this.#peers
    const [sites, canaries] = await Promise.all([
      this.#reachAll(Array.from(peers, ([site, { targets, at }]) => [site, targets[at % targets.length]])),
      this.#reachAll([...this.#canaries]),
    ])
    if (this.#abort.signal.aborted) return
    for (const [site, peer] of peers) if (sites.get(site) === 'missed') peer.at += 1
    const before = this.#fence.kind
    this.#fence = stepSelfFence(this.#fence, { sites, canaries })
    if (this.#fence.kind !== before) this.#options.onChange(this.#fence)
  }

  async #reachAll(
    targets: readonly (readonly [string, ProbeTarget | undefined])[],
  ): Promise<ReadonlyMap<string, PathOutcome>> {
    const { paths } = this.#options
    const outcomes = targets.map(async ([key, target]): Promise<[string, PathOutcome]> => [
      key,
      target === undefined ? 'untried' : await paths.reach(target, PATH_TIMEOUT_MS, this.#abort.signal),
    ])
    return new Map(await Promise.all(outcomes))
  }
}
