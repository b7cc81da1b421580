/**
 * The checker: reads the configuration from the feed, keeps a check for every monitored endpoint, and sends frames.
 * What must stay true: an unchanged definition keeps its register over any change of configuration; the first frame of an
 * incarnation, and any that ends an endpoint, is a snapshot; a changed register is on its way in the turn that changed it.
 */
import type { Logger } from 'pino'
import type { Frame, ReportedRegister } from '../core/health/frame.ts'
import type { SelfFence } from '../core/health/self-fence.ts'
import { topologyOf } from '../core/health/topology.ts'
import type { Configuration } from '../core/model/configuration.ts'
import { poolOf, type EndpointKey } from '../core/model/resource.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConfigurationSnapshot, Feed } from '../ports/feed.ts'
import type { FrameSink } from '../ports/frames.ts'
import type { PathProber } from '../ports/path-prober.ts'
import type { Prober } from '../ports/prober.ts'
import type { CheckTools } from './check-runner.ts'
import { EndpointCheck, type Subject } from './endpoint-check.ts'
import { FenceLoop } from './fence-loop.ts'
import { ProbeGate } from './probe-gate.ts'
import { ProbeTally } from './probe-tally.ts'
import { TimerWheel } from './timer-wheel.ts'

export interface CheckerOptions {
  readonly name: string
  readonly site: string
  /** A number above that of every earlier run of this checker, durable before it is returned. */
  readonly reserveIncarnation: () => Promise<number>
  readonly feed: Feed
  readonly sink: FrameSink
  readonly prober: Prober
  /** Measures our own network. */
  readonly paths: PathProber
  readonly clock: Clock
  readonly logger: Logger
  /** Probes at once, at most. */
  readonly maxProbes: number
}

export interface CheckerStats {
  readonly endpoints: number
  readonly probesRunning: number
  readonly probesWaiting: number
  readonly probes: Readonly<ProbeTally['outcomes']>
  readonly lateSumMs: number
  readonly lateMaxMs: number
}

const HEARTBEAT_MS = 1_000
/** Heartbeats until every register has been repeated. */
const HEARTBEATS_PER_ROUND = 60
/** New endpoints are probed at once, but 2,000 a second at most: each costs a connection. */
const SPREAD_MS = 0.5

export class Checker {
  readonly #options: CheckerOptions
  readonly #tools: CheckTools
  readonly #fence: FenceLoop
  readonly #checks = new Map<EndpointKey, EndpointCheck>()
  readonly #ending = new Set<Promise<void>>()
  /** The checks in the order in which heartbeats repeat them. */
  #ring: readonly EndpointCheck[] = []
  #ringAt = 0
  #incarnation = 0
  #sequence = 0
  #revision = 0
  #isStopped = false
  #unsubscribe: () => void = () => undefined
  #cancelHeartbeat: () => void = () => undefined

  constructor(options: CheckerOptions) {
    this.#options = options
    const { name, site, prober, paths, clock, maxProbes } = options
    const wheel = new TimerWheel(clock)
    this.#fence = new FenceLoop({ name, site, paths, clock, wheel, onChange: this.#onFence })
    this.#tools = {
      prober,
      clock,
      wheel,
      gate: new ProbeGate(maxProbes),
      tally: new ProbeTally(),
      loss: () => this.#fence.fence.loss,
      isFenced: () => this.#fence.fence.kind === 'fenced',
    }
  }

  async start(): Promise<void> {
    const { reserveIncarnation, feed, sink, clock, logger } = this.#options
    this.#incarnation = await reserveIncarnation()
    if (this.#isStopped) return
    logger.info({ incarnation: this.#incarnation }, 'checker starts')
    sink.onSnapshotRequest(() => this.#snapshot())
    this.#unsubscribe = feed.subscribe((snapshot) => {
      this.#reconcile(snapshot)
    })
    if (this.#sequence === 0) sink.send(this.#snapshot())
    this.#beatAt(clock.monotonicMs() + HEARTBEAT_MS)
    this.#fence.start()
  }

  /** Ends all checks; resolves when no probe holds a socket any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#unsubscribe()
    this.#cancelHeartbeat()
    for (const check of this.#checks.values()) this.#end(check)
    this.#checks.clear()
    await Promise.all([...this.#ending, this.#fence.stop()])
  }

  stats(): CheckerStats {
    const { gate, tally } = this.#tools
    return {
      endpoints: this.#checks.size,
      probesRunning: gate.running,
      probesWaiting: gate.waiting,
      probes: { ...tally.outcomes },
      lateSumMs: tally.lateSumMs,
      lateMaxMs: tally.lateMaxMs,
    }
  }

  #reconcile({ revision, configuration }: ConfigurationSnapshot): void {
    const { sink, clock, logger } = this.#options
    this.#revision = revision
    this.#fence.configure(
      topologyOf(configuration),
      configuration.site.get(this.#options.site)?.canaries ?? [],
    )
    const gone = new Set(this.#checks.keys())
    const added: EndpointCheck[] = []
    for (const subject of subjectsOf(configuration)) {
      const known = this.#checks.get(subject.key)
      gone.delete(subject.key)
      if (known?.adopt(subject) === true) continue
      if (known !== undefined) this.#end(known)
      const check = new EndpointCheck(subject, this.#tools, this.#onChange)
      this.#checks.set(subject.key, check)
      added.push(check)
    }
    for (const key of gone) this.#endKey(key)
    this.#ring = [...this.#checks.values()]
    logger.debug(
      { revision, endpoints: this.#checks.size, added: added.length, ended: gone.size },
      'configuration',
    )
    const needsSnapshot = gone.size > 0 || this.#sequence === 0
    sink.send(needsSnapshot ? this.#snapshot() : this.#frame(added.map((check) => check.report())))
    const nowMs = clock.monotonicMs()
    for (const [index, check] of added.entries()) check.start(nowMs, index * SPREAD_MS)
  }

  readonly #onChange = (check: EndpointCheck): void => {
    const register = check.report()
    this.#options.sink.send(this.#frame([register]))
    const { endpoint, state, degraded, output } = register
    this.#options.logger.debug({ endpoint, state, degraded, output }, 'register changed')
  }

  /** Told at once: whoever counts our votes must stop, or may begin again. */
  readonly #onFence = ({ kind, reason, loss }: SelfFence): void => {
    this.#options.sink.send(this.#frame([]))
    this.#options.logger.warn({ reason, loss }, kind === 'fenced' ? 'fenced off' : 'no longer fenced off')
  }

  #endKey(key: EndpointKey): void {
    const check = this.#checks.get(key)
    this.#checks.delete(key)
    if (check !== undefined) this.#end(check)
  }

  #end(check: EndpointCheck): void {
    const ending: Promise<void> = check.stop().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }

  /** On a fixed beat; beats that a stall swallowed are not made up for. */
  #beatAt(dueMs: number): void {
    this.#cancelHeartbeat = this.#tools.wheel.schedule(dueMs, () => {
      const nextMs = dueMs + HEARTBEAT_MS
      const nowMs = this.#options.clock.monotonicMs()
      this.#beatAt(nextMs > nowMs ? nextMs : nowMs + HEARTBEAT_MS)
      this.#options.sink.send(this.#frame(this.#nextShare()))
    })
  }

  /** One sixtieth of all registers, in turn, one at least: probe outputs and their ages stay fresh at a constant cost. */
  #nextShare(): ReportedRegister[] {
    const ring = this.#ring
    const from = this.#ringAt < ring.length ? this.#ringAt : 0
    const share = ring.slice(from, from + Math.ceil(ring.length / HEARTBEATS_PER_ROUND))
    this.#ringAt = from + share.length
    return share.map((check) => check.report())
  }

  #snapshot(): Frame {
    return { ...this.#frame(Array.from(this.#checks.values(), (check) => check.report())), snapshot: true }
  }

  #frame(registers: readonly ReportedRegister[]): Frame {
    this.#sequence += 1
    const { kind, reason, loss } = this.#fence.fence
    return {
      checker: this.#options.name,
      site: this.#options.site,
      incarnation: this.#incarnation,
      sequence: this.#sequence,
      revision: this.#revision,
      fenced: kind === 'fenced',
      ...(reason !== null && { fenceReason: reason }),
      loss,
      registers,
      snapshot: false,
    }
  }
}

/** Every endpoint that has a monitor, also the disabled ones: they are known the moment they are enabled. */
function* subjectsOf(configuration: Configuration): Generator<Subject> {
  const monitorsOfPool = new Map<string, Subject['monitors']>()
  for (const pool of configuration.pool.values())
    monitorsOfPool.set(
      pool.name,
      pool.monitors.flatMap((name) => configuration.monitor.get(name) ?? []),
    )
  for (const [key, endpoint] of configuration.endpoint) {
    const monitors = monitorsOfPool.get(poolOf(key)) ?? []
    if (monitors.length > 0) yield { key, endpoint, monitors }
  }
}
