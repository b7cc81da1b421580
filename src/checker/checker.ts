/**
 * The checker: reads the configuration from the feed, keeps a check for each endpoint of its share, and sends frames.
 * What must stay true: an unchanged definition keeps its register over any change of configuration; the first frame of an
 * incarnation, and any that ends an endpoint, is a snapshot; a changed register is on its way in the turn that changed it.
 */
import type { Logger } from 'pino'
import type { Frame } from '../core/health/frame.ts'
import type { SelfFence } from '../core/health/self-fence.ts'
import { topologyOf } from '../core/health/topology.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConfigurationSnapshot, Feed } from '../ports/feed.ts'
import type { FrameSink, FrameSource } from '../ports/frames.ts'
import type { PathProber } from '../ports/path-prober.ts'
import type { Prober } from '../ports/prober.ts'
import type { CheckTools } from './check-runner.ts'
import { EndpointCheck } from './endpoint-check.ts'
import { FenceLoop } from './fence-loop.ts'
import { FrameMaker } from './frame-maker.ts'
import { HintListener } from './hint-listener.ts'
import { PeerWatch } from './peer-watch.ts'
import { ProbeGate } from './probe-gate.ts'
import { ProbeTally } from './probe-tally.ts'
import { subjectsOf } from './subjects.ts'
import { TimerWheel } from './timer-wheel.ts'

export interface CheckerOptions {
  readonly name: string
  readonly site: string
  /** A number above that of every earlier run of this checker, durable before it is returned. */
  readonly reserveIncarnation: () => Promise<number>
  readonly feed: Feed
  readonly sink: FrameSink
  /** The frames of the other checkers, if they are read: for hints, and to do the work of those that are gone. */
  readonly peers?: FrameSource
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
  /** See ProbeTally. */
  readonly lateCounts: readonly number[]
}

const HEARTBEAT_MS = 1_000
/** New endpoints are probed at once, but 2,000 a second at most: each costs a connection. */
const SPREAD_MS = 0.5

export class Checker {
  readonly #options: CheckerOptions
  readonly #tools: CheckTools
  readonly #fence: FenceLoop
  readonly #frames: FrameMaker
  readonly #watch: PeerWatch
  readonly #hints = new HintListener()
  readonly #checks = new Map<EndpointKey, EndpointCheck>()
  readonly #ending = new Set<Promise<void>>()
  readonly #unsubscribe: (() => void)[] = []
  #configuration: ConfigurationSnapshot | null = null
  #isStopped = false
  #cancelHeartbeat: () => void = () => undefined

  constructor(options: CheckerOptions) {
    this.#options = options
    const { name, site, prober, paths, clock, maxProbes } = options
    const wheel = new TimerWheel(clock)
    this.#fence = new FenceLoop({ name, site, paths, clock, wheel, onChange: this.#onFence })
    this.#frames = new FrameMaker({
      name,
      site,
      clock,
      fence: () => ({ ...this.#fence.fence, loss: this.#fence.loss }),
    })
    this.#watch = new PeerWatch({ name, site })
    this.#tools = {
      prober,
      clock,
      wheel,
      gate: new ProbeGate(maxProbes),
      tally: new ProbeTally(),
      loss: () => this.#fence.loss,
      onDoubt: () => {
        this.#fence.doubt()
      },
      isMeasured: () => this.#fence.isMeasured,
      isFenced: () => this.#fence.fence.kind === 'fenced',
      gridAheadMs: () => this.#watch.gridAheadMs(clock.monotonicMs()),
    }
  }

  async start(): Promise<void> {
    const { reserveIncarnation, feed, sink, peers, clock, logger } = this.#options
    this.#frames.incarnation = await reserveIncarnation()
    if (this.#isStopped) return
    logger.info({ incarnation: this.#frames.incarnation }, 'checker starts')
    sink.onSnapshotRequest(() => this.#frames.snapshot())
    this.#unsubscribe.push(
      feed.subscribe((snapshot) => {
        this.#configure(snapshot)
      }),
    )
    if (!this.#frames.hasBegun) sink.send(this.#frames.snapshot())
    if (peers !== undefined) this.#unsubscribe.push(peers.subscribe(this.#hear))
    this.#beatAt(clock.monotonicMs() + HEARTBEAT_MS)
    this.#fence.start()
  }

  /** Ends all checks; resolves when no probe holds a socket any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const end of this.#unsubscribe.splice(0)) end()
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
      lateCounts: [...tally.lateCounts],
    }
  }

  #configure(snapshot: ConfigurationSnapshot): void {
    const { name, site, clock, logger } = this.#options
    const { configuration, revision } = snapshot
    const topology = topologyOf(configuration)
    if (topology.size > 0 && !topology.get(site)?.some((one) => one.name === name))
      logger.warn(`the site '${site}' of the configuration names no checker '${name}': it probes nothing`)
    this.#configuration = snapshot
    this.#frames.revision = revision
    this.#fence.configure(topology, configuration.site.get(site)?.canaries ?? [])
    this.#watch.expect(topology, clock.monotonicMs())
    this.#reconcile(snapshot)
  }

  /** Makes the checks what configuration and peers leave to us. */
  #reconcile({ revision, configuration }: ConfigurationSnapshot): void {
    const { name, site, sink, clock, logger } = this.#options
    const { isSiteGone, isCheckerGone } = this.#watch
    const gone = new Set(this.#checks.keys())
    const added: EndpointCheck[] = []
    let shortestMs = Infinity
    const peers = { topology: topologyOf(configuration), isSiteGone, isCheckerGone }
    for (const subject of subjectsOf(configuration, { name, site, peers })) {
      for (const { timeoutMs } of subject.monitors) shortestMs = Math.min(shortestMs, timeoutMs)
      const known = this.#checks.get(subject.key)
      gone.delete(subject.key)
      if (known?.adopt(subject) === true) continue
      if (known !== undefined) this.#end(known)
      const check = new EndpointCheck(subject, this.#tools, this.#onChange)
      this.#checks.set(subject.key, check)
      added.push(check)
    }
    for (const key of gone) this.#endKey(key)
    this.#fence.lookWithin(shortestMs)
    const nowMs = clock.monotonicMs()
    this.#frames.repeat([...this.#checks.values()])
    this.#hints.weigh(this.#checks.values(), nowMs)
    logger.debug({ revision, endpoints: this.#checks.size, added: added.length, ended: gone.size }, 'checks')
    const needsSnapshot = gone.size > 0 || !this.#frames.hasBegun
    sink.send(needsSnapshot ? this.#frames.snapshot() : this.#frames.frame(added.map((one) => one.report())))
    for (const [index, check] of added.entries()) check.start(nowMs, index * SPREAD_MS)
  }

  readonly #hear = (frame: Frame): void => {
    const nowMs = this.#options.clock.monotonicMs()
    if (this.#watch.hear(frame, nowMs)) this.#hints.hear(frame, this.#checks, nowMs)
  }

  readonly #onChange = (check: EndpointCheck): void => {
    const register = check.report()
    this.#options.sink.send(this.#frames.frame([register]))
    const { endpoint, state, degraded, output } = register
    this.#options.logger.debug({ endpoint, state, degraded, output }, 'register changed')
  }

  /**
   * Told at once: whoever counts our votes must stop, or may begin again. When the fence ends nothing is left of what was thought
   * before it: the last failures may have been those of our own network, and would vote until the next probes.
   */
  readonly #onFence = ({ kind, reason, loss }: SelfFence): void => {
    if (kind === 'open') for (const check of this.#checks.values()) check.forget()
    this.#options.sink.send(kind === 'open' ? this.#frames.snapshot() : this.#frames.frame([]))
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
      this.#options.sink.send(this.#frames.heartbeat())
      this.#lookForGone(nowMs)
    })
  }

  /** Behind our own fence everybody looks gone: then the work stays as it is. */
  #lookForGone(nowMs: number): void {
    if (this.#options.peers === undefined || this.#configuration === null || this.#tools.isFenced()) return
    if (this.#watch.refresh(nowMs)) this.#reconcile(this.#configuration)
  }
}
