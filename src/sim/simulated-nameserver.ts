/**
 * A nameserver: the real process with its reader, steering, publisher, read-back and savers, over a simulated network, clock,
 * disk and PowerDNS.
 * What must stay true: only ports are simulated; PowerDNS and its database outlive the process.
 */
import { pino } from 'pino'
import { DEFAULT_TIMES, type Transition } from '../core/health/verdict-book.ts'
import type { Frame } from '../core/health/frame.ts'
import { valuesOf } from '../core/dns/record-set.ts'
import type { LoadBalancer } from '../core/model/load-balancer.ts'
import { AnswerPlan } from '../core/steering/answer-plan.ts'
import { NameserverAgent } from '../nameserver/nameserver-agent.ts'
import { Publications } from '../nameserver/publications.ts'
import { Publisher } from '../nameserver/publisher.ts'
import { ReadBack } from '../nameserver/read-back.ts'
import { VerdictSaver } from '../nameserver/verdict-saver.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'
import type { NameserverReport, Reporter } from '../ports/report.ts'
import { loadSteering } from '../readers/load-steering.ts'
import type { SteeringKeeper } from '../readers/steering-keeper.ts'
import type { VerdictReader } from '../readers/verdict-reader.ts'
import { FrameInlet, type FrameDestination } from './frame-links.ts'
import type { Life } from './host.ts'
import { followControl } from './node-feed.ts'
import { ObservedReader } from './observed-reader.ts'
import { Random } from './random.ts'
import { SimulatedNode } from './simulated-node.ts'
import { SimulatedPowerdns } from './simulated-powerdns.ts'
import { SimulatedZoneStorage } from './simulated-zone-storage.ts'
import type { Stage } from './stage.ts'

const SILENT = pino({ level: 'silent' })
const DNS = { address: '127.0.0.1', port: 53 }
const NO_TRAFFIC = { latest: null, start: () => undefined, stop: () => undefined }
const POWERDNS = { state: 'running', pid: 1, restarts: 0, version: null, detail: '' } as const
/** What a write takes with its read-back; after a failure the longest pause of the publisher too. */
const CATCHES_UP_MS = 1_000
const RECOVERS_MS = 6_000

interface Running {
  readonly process: NameserverAgent
  readonly inlet: FrameInlet
  readonly reader: VerdictReader
  readonly steering: SteeringKeeper
  readonly readBack: ReadBack
  /** Of the newest configuration. */
  plan: AnswerPlan | null
  report: NameserverReport | null
}

export class SimulatedNameserver extends SimulatedNode implements FrameDestination {
  readonly #random: Random
  readonly #powerdns: SimulatedPowerdns
  /** Load balancers of the newest configuration that any of its processes had. */
  #balancers: readonly LoadBalancer[] = []
  /** By then it has caught up with what it could not do before. */
  #caughtUpAtMs = 0
  #running: Running | null = null

  constructor(stage: Stage, about: { readonly name: string; readonly site: string }) {
    super(stage, about)
    // Its own, so that what is published draws nothing from what is probed and heard.
    this.#random = new Random(stage.random.index(2 ** 32))
    const { queue } = stage
    this.#powerdns = new SimulatedPowerdns({ queue, random: this.#random, zones: () => this.disk.zones })
  }

  /** null while its process is not there. */
  get reader(): VerdictReader | null {
    return this.#running?.reader ?? null
  }

  /** What clients are answered, whether the process is there or not; without what they are sent elsewhere for. */
  get answers(): ReadonlyMap<string, readonly string[]> {
    const answers = this.#balancers.map(({ name }) => [name, this.#powerdns.answer(name, 'A')] as const)
    return new Map(
      answers.flatMap(([name, { rcode, values }]) => (rcode === 'REFUSED' ? [] : [[name, values]])),
    )
  }

  /** What its own verdicts say that clients are to be answered; null: it cannot publish now. */
  get wanted(): ReadonlyMap<string, readonly string[]> | null {
    const { plan, report, steering } = this.#running ?? {}
    const isBehind = this.stage.queue.nowMs < this.#caughtUpAtMs
    if (!plan || !steering || report?.ready !== true || isBehind) return null
    return new Map(
      this.#balancers.map((balancer) => [
        balancer.name,
        plan.policyRecords(balancer, steering.view).flatMap(valuesOf),
      ]),
    )
  }

  /** For so long it has waited to see in an answer what it published; null: it has seen everything. */
  get unseenForMs(): number | null {
    return this.#running?.readBack.failingForMs() ?? null
  }

  arrive(frame: Frame): void {
    const running = this.#running
    this.life?.meet(() => {
      if (running === null) return
      this.stage.invariants.hearing(this, frame)
      running.inlet.take(frame)
      this.stage.invariants.heard(this, frame)
    })
  }

  override losePower(): void {
    super.losePower()
    this.#powerdns.restart()
  }

  /** The machine loses its power, and files with it: what it knew of verdicts and answers, or of verdicts alone. */
  loseDisk(what: 'everything' | 'verdicts'): void {
    this.losePower()
    this.disk.lose(what)
  }

  /** SIGTERM: it is not there any more once it has finished its writes and saved what it knows. */
  override upgrade(afterMs: number): void {
    const running = this.#running
    if (running === null) return
    this.#behind(CATCHES_UP_MS)
    void running.process.stop().then(() => {
      if (this.#running === running) this.restart(afterMs)
    })
    this.stage.queue.promised()
  }

  override pause(forMs: number): void {
    super.pause(forMs)
    this.#behind(forMs + CATCHES_UP_MS)
  }

  /** Nothing can be written for so long. */
  fillDisk(forMs: number): void {
    this.disk.isFull = true
    this.stage.after(forMs, () => {
      this.disk.isFull = false
    })
    this.#behind(forMs + RECOVERS_MS)
  }

  protected begin(life: Life): void {
    void this.#begin(life)
    this.stage.queue.promised()
  }

  protected ended(): void {
    this.#running = null
    this.stage.observer.gone(this)
  }

  async #begin(life: Life): Promise<void> {
    const { name, site, stage, disk } = this
    const promised = () => {
      stage.queue.promised()
    }
    const clock = settling(life, promised)
    const onAlarm = (message: string) => {
      stage.observer.note(`${name} alarm ${message}`)
    }
    const inlet = new FrameInlet((checker) => {
      stage.askForWhole(this, checker)
    })
    const feed = followControl({ site, life, disk, control: stage.control, network: stage.network })
    const reader = new ObservedReader(
      {
        ...{ feed, frames: inlet, clock: life, times: DEFAULT_TIMES, keepsOutput: false },
        saved: disk.savedVerdicts(),
      },
      {
        configured: (snapshot) => {
          this.#configured(snapshot)
        },
        transitions: (transitions) => {
          this.#changed(transitions)
        },
      },
    )
    const steering = await loadSteering({
      ...{ storage: disk.steeringStorage(life, promised), book: reader.book, clock, onAlarm },
    })
    const storage = new SimulatedZoneStorage({
      ...{ life, disk, powerdns: this.#powerdns, queue: stage.queue, random: this.#random },
      onAdded: (owner, values) => {
        stage.invariants.published(name, owner, values)
      },
    })
    const reporter = this.#reporter()
    const readBack = new ReadBack({ server: this.#powerdns.serverFor(life), clock, logger: SILENT })
    const publications = new Publications({ readBack, storage, reporter, clock, onAlarm })
    const saver = new VerdictSaver({
      ...{ storage: disk.verdictStorage(life, promised), clock, logger: SILENT, onAlarm },
      read: (endpoints) => nameserver.savedVerdicts(endpoints),
    })
    const nameserver: NameserverAgent = new NameserverAgent({
      ...{ name, site, dns: DNS, reader, steering, readBack, saver, reporter, clock: life, onAlarm },
      publisher: new Publisher({ storage, publications, onAlarm, clock: life, logger: SILENT }),
      ...{ transfers: null, updates: null, front: null, traffic: NO_TRAFFIC, hasLocations: false },
      server: { status: () => POWERDNS },
      logger: SILENT,
      tsigSecret: () => 'there is no key here',
      signingOf: () => ({ kind: 'unsigned' }),
    })
    this.#running = { process: nameserver, inlet, reader, steering, readBack, plan: null, report: null }
    stage.invariants.restarted(this)
    nameserver.start(disk.zones.size)
  }

  #configured({ configuration }: ConfigurationSnapshot): void {
    if (this.#running === null) return
    this.#running.plan = new AnswerPlan(configuration)
    this.#balancers = [...configuration.loadBalancer.values()]
    this.stage.observer.began(this, this.#running.reader.book.standings())
  }

  #changed(transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      this.stage.observer.transition(this, transition)
      this.stage.invariants.transition(this, transition)
    }
  }

  #behind(forMs: number): void {
    this.#caughtUpAtMs = Math.max(this.#caughtUpAtMs, this.stage.queue.nowMs + forMs)
  }

  #reporter(): Reporter {
    return {
      event: (event) => {
        if (event.kind !== 'publication') return
        const { zone, serial, owners } = event
        this.stage.observer.note(`${this.name} ${zone} ${serial} ${owners.join(' ')}`)
      },
      published: () => undefined,
      withdrawn: () => undefined,
      nameserver: (report) => {
        if (this.#running !== null) this.#running.report = report
      },
    }
  }
}

/** Whatever it wakes may settle promises. */
function settling(life: Life, promised: () => void): Clock {
  return {
    monotonicMs: () => life.monotonicMs(),
    wallMs: () => life.wallMs(),
    after: (delayMs, callback) =>
      life.after(delayMs, () => {
        promised()
        callback()
      }),
  }
}
