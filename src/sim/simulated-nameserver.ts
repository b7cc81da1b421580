/**
 * A nameserver: the real reader of verdicts, their saver, readiness and answer plan, over a simulated network, clock and disk.
 * In the place of PowerDNS stand its answers, which outlive the process as PowerDNS does.
 */
import { pino } from 'pino'
import { DEFAULT_TIMES, type Transition } from '../core/health/verdict-book.ts'
import type { Frame } from '../core/health/frame.ts'
import type { Configuration } from '../core/model/configuration.ts'
import { AnswerPlan } from '../core/steering/answer-plan.ts'
import { plainView } from '../core/steering/steering-view.ts'
import { isReady } from '../nameserver/readiness.ts'
import { VerdictSaver } from '../nameserver/verdict-saver.ts'
import { VerdictReader } from '../readers/verdict-reader.ts'
import { FrameInlet, type FrameDestination } from './frame-links.ts'
import type { Life } from './host.ts'
import { followControl } from './node-feed.ts'
import { SimulatedNode } from './simulated-node.ts'

const READINESS_MS = 20
const SILENT = pino({ level: 'silent' })

interface Running {
  readonly inlet: FrameInlet
  readonly reader: VerdictReader
  plan: AnswerPlan | null
  configuration: Configuration | null
  configuredAtMs: number
  isReady: boolean
}

export class SimulatedNameserver extends SimulatedNode implements FrameDestination {
  /** Of each load balancer: how many values its answer has. What PowerDNS holds. */
  readonly answers = new Map<string, number>()
  /** Balancers whose answers are to be made anew. */
  readonly #stale = new Set<string>()
  #running: Running | null = null

  /** null while its process is not there. */
  get reader(): VerdictReader | null {
    return this.#running?.reader ?? null
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

  protected begin(life: Life): void {
    const { site, stage, disk } = this
    const inlet = new FrameInlet((checker) => {
      stage.askForWhole(this, checker)
    })
    const feed = followControl({ site, life, disk, control: stage.control, network: stage.network })
    const reader = new VerdictReader({
      ...{ feed, frames: inlet, clock: life, times: DEFAULT_TIMES, keepsOutput: false },
      saved: disk.savedVerdicts(),
    })
    const running: Running = {
      ...{ inlet, reader, plan: null, configuration: null },
      ...{ configuredAtMs: 0, isReady: false },
    }
    this.#running = running
    stage.invariants.restarted(this)
    const saver = new VerdictSaver({
      storage: disk.verdictStorage(life, () => {
        stage.queue.promised()
      }),
      read: (endpoints) => (endpoints === 'all' ? reader.book.save() : reader.book.saveOf(endpoints)),
      ...{ clock: life, logger: SILENT },
      onAlarm: (message) => {
        throw new Error(message)
      },
    })
    reader.start({
      onConfiguration: ({ configuration }) => {
        if (running.plan === null) running.configuredAtMs = life.monotonicMs()
        running.configuration = configuration
        running.plan = new AnswerPlan(configuration)
        stage.observer.began(this, reader.book.standings())
        this.#publish(running, configuration.loadBalancer.keys())
        this.#lookWhetherReady(running, life)
        saver.changed('all')
        stage.queue.promised()
      },
      onTransitions: (transitions) => {
        for (const transition of transitions) {
          stage.observer.transition(this, transition)
          stage.invariants.transition(this, transition)
        }
        this.#publishAfter(running, life, transitions)
        this.#lookWhetherReady(running, life)
        saver.changed(transitions.map(({ endpoint }) => endpoint))
      },
      onAlarm: ({ kind }) => {
        stage.observer.note(`${this.name} alarm ${kind}`)
      },
    })
  }

  protected ended(): void {
    this.#running = null
    this.#stale.clear()
    this.stage.observer.gone(this)
  }

  #publishAfter(running: Running, life: Life, transitions: readonly Transition[]): void {
    if (running.plan === null) return
    const isIdle = this.#stale.size === 0
    for (const { name } of running.plan.affectedBy(transitions.map(({ endpoint }) => endpoint)))
      this.#stale.add(name)
    if (isIdle)
      life.after(0, () => {
        this.#publish(running, [...this.#stale])
        this.#stale.clear()
      })
  }

  #publish({ plan, configuration, reader, isReady: ready }: Running, names: Iterable<string>): void {
    if (plan === null || configuration === null || !ready) return
    const view = plainView((endpoint) => reader.book.standing(endpoint))
    for (const name of names) {
      const balancer = configuration.loadBalancer.get(name)
      if (balancer === undefined) continue
      const [record] = plan.policyRecords(balancer, view)
      this.answers.set(name, record?.kind === 'plain' ? record.values.length : 0)
    }
  }

  #lookWhetherReady(running: Running, life: Life): void {
    if (running.isReady || running.plan === null || running.configuration === null) return
    const { book } = running.reader
    if (isReady({ book, nowMs: life.monotonicMs(), configuredAtMs: running.configuredAtMs })) {
      running.isReady = true
      this.#publish(running, running.configuration.loadBalancer.keys())
      return
    }
    life.after(READINESS_MS, () => {
      this.#lookWhetherReady(running, life)
    })
  }
}
