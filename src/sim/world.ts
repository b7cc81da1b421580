/**
 * One simulated cluster: checkers, nameservers and control, the network between them and the endpoints that they judge. A
 * scenario plans what goes wrong and when.
 */
import { applyChanges } from '../core/model/configuration.ts'
import type { Resource } from '../core/model/resource.ts'
import { Baselines } from './baselines.ts'
import { ControlPlane } from './control-plane.ts'
import { detectBoundMs, type DetectCase, type ProbeTimes } from './detect-bound.ts'
import { EventQueue } from './event-queue.ts'
import type { FrameDestination } from './frame-links.ts'
import { Invariants } from './invariants.ts'
import { Network } from './network.ts'
import { Observer } from './observer.ts'
import { Random } from './random.ts'
import {
  checkerName,
  configurationFor,
  hostsOf,
  indexes,
  monitorOf,
  placedEndpoints,
  siteName,
  VOTERS,
  type Shape,
} from './shape.ts'
import { SimulatedChecker } from './simulated-checker.ts'
import { SimulatedEndpoint } from './simulated-endpoint.ts'
import { SimulatedNameserver } from './simulated-nameserver.ts'
import type { Surroundings } from './simulated-network-probers.ts'
import type { Ablation, Stage } from './stage.ts'

export interface WorldOptions {
  readonly shape: Shape
  readonly seed: number
  /** Of every host, ms: it must make no difference (invariant 10). */
  readonly wallShiftMs: number
  readonly onlyLossFromMs: number
  readonly without?: Ablation | undefined
}

const LOOK_MS = 1_000

export class World implements Stage {
  readonly queue = new EventQueue()
  readonly random: Random
  readonly network: Network
  readonly control: ControlPlane
  readonly checkers: readonly SimulatedChecker[]
  readonly nameservers: readonly SimulatedNameserver[]
  readonly endpoints: readonly SimulatedEndpoint[]
  readonly observer: Observer
  readonly invariants: Invariants
  readonly baselines: Baselines
  readonly surroundings: Surroundings
  readonly wallShiftMs: number
  readonly without: Ablation | null
  readonly #times: ProbeTimes
  readonly #onSaid: ((text: string) => void)[] = []
  readonly #byKey: ReadonlyMap<string, SimulatedEndpoint>

  constructor({ shape, seed, wallShiftMs, onlyLossFromMs, without }: WorldOptions) {
    this.wallShiftMs = wallShiftMs
    this.without = without ?? null
    this.#times = monitorOf(shape)
    this.random = new Random(seed)
    this.network = new Network(this.queue, this.random)
    this.control = new ControlPlane(configurationFor(shape))
    this.endpoints = placedEndpoints(shape).map((about) => new SimulatedEndpoint(this.queue, about))
    this.#byKey = new Map(this.endpoints.map((endpoint) => [endpoint.key, endpoint]))
    this.observer = new Observer({
      queue: this.queue,
      endpoint: (key) => this.#endpoint(key),
      onTimed: (isInTime, text) => {
        this.invariants.must(7, isInTime, text)
      },
    })
    this.invariants = new Invariants({
      ...{ queue: this.queue, onlyLossFromMs },
      nameservers: () => this.nameservers,
      isLongDead: (address) => {
        const endpoint = this.surroundings.endpointAt(address)
        return endpoint !== undefined && this.observer.isLongDead(endpoint)
      },
      onSaid: (text) => {
        this.observer.note(text)
        for (const listener of this.#onSaid) listener(text)
      },
    })
    this.baselines = new Baselines({
      rules: monitorOf(shape),
      isFalseDown: (endpoint) => this.observer.isFalseDown(endpoint),
    })
    this.surroundings = this.#surroundings(shape)
    this.checkers = indexes(shape.sites).map(
      (index) => new SimulatedChecker(this, { name: checkerName(index), site: siteName(index) }),
    )
    this.nameservers = indexes(shape.nameservers).map(
      (index) => new SimulatedNameserver(this, { name: `ns${index + 1}`, site: siteName(index) }),
    )
  }

  /** At `atMs` of the simulation. */
  at(atMs: number, happen: () => void): void {
    this.queue.at(atMs, happen)
  }

  after(delayMs: number, happen: () => void): void {
    this.queue.after(delayMs, happen)
  }

  /** Starts everything, and goes on until then. */
  async run(untilMs: number): Promise<void> {
    for (const node of [...this.checkers, ...this.nameservers]) {
      const delayMs = this.random.between(0, 1_000)
      this.queue.after(delayMs, () => {
        node.start()
      })
    }
    this.#lookLater()
    await this.queue.run(untilMs)
    this.invariants.finish()
  }

  /** The endpoint dies now; these nameservers, all unless named, must find out in time. */
  die(
    endpoint: SimulatedEndpoint,
    how: 'refusing' | 'silent',
    expected?: Omit<DetectCase, 'voters'> & { readonly readers?: readonly SimulatedNameserver[] },
  ): void {
    endpoint.become(how)
    if (expected === undefined) return
    const voters = Math.min(VOTERS, this.checkers.length)
    const boundMs = detectBoundMs(this.#times, { voters, ...expected })
    this.observer.expectDown(endpoint, boundMs, expected.readers ?? this.nameservers)
  }

  /** Calls `listener` when a checker says something new: 'c1 fenced', 'c1 open', 'c1 pool1/e1 down'. */
  onSaid(listener: (text: string) => void): void {
    this.#onSaid.push(listener)
  }

  commit(resource: Resource): void {
    this.control.commit((configuration) => applyChanges(configuration, [{ op: 'put', ...resource }]))
  }

  /** Whoever reads the frames of the checker: nameservers, and the other checkers. */
  *readersOf(checker: FrameDestination): Generator<FrameDestination> {
    yield* this.nameservers
    for (const other of this.checkers) if (other !== checker) yield other
  }

  askForWhole(reader: FrameDestination, name: string): void {
    const checker = this.checkers.find((one) => one.name === name)
    if (checker === undefined) throw new Error(`no checker ${name}`)
    this.network.send({ from: reader.site, to: checker.site, connection: `${reader.name} ${name}` }, () => {
      checker.ask(reader)
    })
  }

  #endpoint(key: string): SimulatedEndpoint {
    const endpoint = this.#byKey.get(key)
    if (endpoint === undefined) throw new Error(`no endpoint ${key}`)
    return endpoint
  }

  #surroundings(shape: Shape): Surroundings {
    const hosts = hostsOf(shape)
    const byAddress = new Map(this.endpoints.map((endpoint) => [endpoint.address, endpoint]))
    return {
      network: this.network,
      endpointAt: (address) => byAddress.get(address),
      hostAt: (address) => {
        const host = hosts.get(address)
        if (host === undefined || 'place' in host) return host && { place: host.place, listens: true }
        return { place: siteName(host.checker), listens: this.checkers[host.checker]?.exists ?? false }
      },
      promised: () => {
        this.queue.promised()
      },
    }
  }

  #lookLater(): void {
    this.queue.after(LOOK_MS, () => {
      this.invariants.look()
      this.#lookLater()
    })
  }
}
