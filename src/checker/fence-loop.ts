/**
 * Measures our own network, once a second, over the same path as the endpoints; and more often while an endpoint is in doubt,
 * for it may be the network that is bad (SPEC.md, F). Rounds alone move the fence; both stretch `fall`.
 * What must stay true: a round ends before the next begins; what doubt costs has a bound, however long it lasts; after `stop`
 * nothing is reported any more.
 */
import { lossOf, noPathLoss, stepPathLoss } from '../core/health/path-loss.ts'
import { openFence, stepSelfFence, type SelfFence } from '../core/health/self-fence.ts'
import type { Topology } from '../core/health/topology.ts'
import type { Clock } from '../ports/clock.ts'
import type { PathProber } from '../ports/path-prober.ts'
import type { ProbeTarget } from '../ports/prober.ts'
import { PATH_TIMEOUT_MS, PathPeers } from './path-peers.ts'
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
/** So far apart are the looks of a doubt, and so long does one doubt ask for them. */
const LOOK_MS = 75
const DOUBT_MS = 600
/** Looks that doubt may ask for: so many at once, and so many a second in the long run. */
const MAX_LOOKS = 16
const LOOKS_PER_SEC = 6

export class FenceLoop {
  readonly #options: FenceLoopOptions
  readonly #peers: PathPeers
  readonly #abort = new AbortController()
  readonly #looks = new Set<Promise<void>>()
  #fence = openFence()
  /** Of rounds and of what doubt asked for: as new as can be, and less steady than that of the rounds alone. */
  #quickLoss = noPathLoss()
  #lookTimeoutMs = PATH_TIMEOUT_MS
  #isConfigured = false
  #isMeasured = false
  #cancel: () => void = () => undefined
  #cancelLook: (() => void) | null = null
  #doubtUntilMs = 0
  #budget = { looks: MAX_LOOKS, atMs: 0 }
  #round: Promise<void> = Promise.resolve()

  constructor(options: FenceLoopOptions) {
    this.#options = options
    this.#peers = new PathPeers(options)
  }

  get fence(): SelfFence {
    return this.#fence
  }

  /** False until a first round has said how our own network is. */
  get isMeasured(): boolean {
    return this.#isMeasured
  }

  /** Share of its own probes that this checker loses, 0 to 1: the larger of what the rounds say and what the last looks say. */
  get loss(): number {
    return Math.max(this.#fence.loss, lossOf(this.#quickLoss))
  }

  configure(topology: Topology, canaries: readonly ProbeTarget[]): void {
    this.#peers.configure(topology, canaries)
    this.#isConfigured = true
  }

  /** The shortest time-out of the probes that are to be judged, ms: a look takes no longer than one of them. */
  lookWithin(timeoutMs: number): void {
    this.#lookTimeoutMs = Math.min(PATH_TIMEOUT_MS, timeoutMs)
  }

  start(): void {
    this.#roundAt(this.#options.clock.monotonicMs())
  }

  /** An endpoint that was up did not answer, or is late to: looks at once whether it is our network. */
  doubt(): void {
    const nowMs = this.#options.clock.monotonicMs()
    this.#doubtUntilMs = nowMs + DOUBT_MS
    if (this.#cancelLook === null) this.#lookAt(nowMs)
  }

  /** Resolves when no connection is being tried any more. */
  async stop(): Promise<void> {
    this.#cancel()
    this.#cancelLook?.()
    this.#abort.abort()
    await Promise.all([this.#round, ...this.#looks])
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
    const knowsWhom = this.#isConfigured
    const round = await this.#peers.look(PATH_TIMEOUT_MS, this.#abort.signal)
    if (this.#abort.signal.aborted) return
    this.#peers.passOver(round)
    if (knowsWhom) this.#isMeasured = true
    const before = this.#fence.kind
    this.#fence = stepSelfFence(this.#fence, round)
    this.#quickLoss = stepPathLoss(this.#quickLoss, round)
    if (this.#fence.kind !== before) this.#options.onChange(this.#fence)
  }

  #lookAt(dueMs: number): void {
    const { wheel, clock } = this.#options
    this.#cancelLook = wheel.schedule(dueMs, () => {
      this.#cancelLook = null
      const nowMs = clock.monotonicMs()
      if (nowMs >= this.#doubtUntilMs) return
      if (this.#spendLook(nowMs)) this.#track(this.#look())
      this.#lookAt(nowMs + LOOK_MS)
    })
  }

  async #look(): Promise<void> {
    const round = await this.#peers.look(this.#lookTimeoutMs, this.#abort.signal)
    if (!this.#abort.signal.aborted) this.#quickLoss = stepPathLoss(this.#quickLoss, round)
  }

  #track(look: Promise<void>): void {
    const tracked = look.finally(() => this.#looks.delete(tracked))
    this.#looks.add(tracked)
  }

  #spendLook(nowMs: number): boolean {
    const { looks, atMs } = this.#budget
    const earned = ((nowMs - atMs) / 1_000) * LOOKS_PER_SEC
    const left = Math.min(MAX_LOOKS, looks + earned)
    if (left < 1) return false
    this.#budget = { looks: left - 1, atMs: nowMs }
    return true
  }
}
