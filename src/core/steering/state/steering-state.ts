/**
 * What steering remembers beside the verdicts: ramps, withdrawals and holds, latches, and when overrides and drains change
 * something. One for each reader, a nameserver or a control; pure (SPEC.md).
 * What must stay true: the view changes only in a call from outside, and each call names every load balancer whose answers may
 * be others by it; a call costs what it is about, not what there is, except `define`.
 */
import type { Transition } from '../../health/verdict-book.ts'
import { balancersOver } from '../../model/balancers-over.ts'
import { emptyConfiguration, type Configuration } from '../../model/configuration.ts'
import { poolOf, type EndpointKey } from '../../model/resource.ts'
import { endpointsOfDrain } from '../endpoints-of-drain.ts'
import type { VerdictLookup } from '../eligibility.ts'
import type { SteeringView } from '../steering-view.ts'
import { Agenda, type Operation } from './agenda.ts'
import { Falls, type FallChange } from './falls.ts'
import { Latches, type AnsweringTier } from './latches.ts'
import type { Now } from './now.ts'
import { isOutByOperator } from './out-by-operator.ts'
import { Ramps } from './ramps.ts'
import type { SavedSteering } from './saved-steering.ts'
import type { SteeringNote } from './steering-note.ts'
import { WithdrawalBudget } from './withdrawal-budget.ts'

export interface SteeringStep {
  /** Names of the load balancers whose answers are to be planned again. */
  readonly balancers: ReadonlySet<string>
  readonly notes: readonly SteeringNote[]
}

export interface SteeringStateOptions {
  readonly verdict: VerdictLookup
  /** Of an earlier run; null: there was none. */
  readonly saved?: SavedSteering | null
}

export class SteeringState {
  readonly view: SteeringView
  readonly budget = new WithdrawalBudget()
  readonly latches = new Latches()
  readonly ramps = new Ramps()
  readonly #falls = new Falls()
  readonly #agenda = new Agenda()
  readonly #verdict: VerdictLookup
  #configuration: Configuration = emptyConfiguration()
  /** Until the first configuration says what of it there still is. */
  #saved: SavedSteering | null
  #wallMs = 0

  constructor({ verdict, saved = null }: SteeringStateOptions) {
    this.#verdict = verdict
    this.#saved = saved
    const wallMs = () => this.#wallMs
    this.view = {
      get wallMs() {
        return wallMs()
      },
      verdict,
      rampShare: (endpoint) => this.ramps.share(endpoint),
      isHeld: (loadBalancer, endpoint) => this.budget.isHeld(loadBalancer, endpoint),
      latchedTier: (loadBalancer, route, type) => this.latches.latchedTier(loadBalancer, route, type),
    }
  }

  /** A new revision is in force, and the verdicts are those under it: everything is to be planned again. */
  define(configuration: Configuration, now: Now): readonly SteeringNote[] {
    const before = this.#configuration
    const saved = this.#saved
    this.#saved = null
    this.#wallMs = now.wallMs
    this.#configuration = configuration
    if (saved !== null) this.#restore(saved, now)
    this.#agenda.define(configuration, now.wallMs)
    this.latches.define(configuration)
    this.budget.define(configuration, now)
    for (const endpoint of this.#falls.keys())
      if (this.#isOver(endpoint)) this.#account(this.#falls.ended(endpoint), now)
    if (saved !== null) this.#findFalls(now)
    this.#account(this.#falls.review(this.#falls.keys(), configuration, now.wallMs), now)
    this.ramps.keep((endpoint) => this.#rampSec(endpoint))
    for (const endpoint of operatedOn(before))
      if (isOutByOperator(endpoint, before, now.wallMs)) this.#cameBack(endpoint, now)
    return this.budget.notes.take().notes
  }

  /** Verdicts changed; the lookup already gives the new ones. */
  onTransitions(transitions: readonly Transition[], now: Now): SteeringStep {
    const due = this.tick(now)
    const balancers = new Set(due.balancers)
    for (const pool of new Set(transitions.map(({ endpoint }) => poolOf(endpoint))))
      for (const name of balancersOver(this.#configuration, pool)) balancers.add(name)
    // What came back first: it gives budget to what falls.
    for (const { endpoint, from, to } of transitions)
      if (to.state === 'up' && (from.state === 'down' || this.#falls.has(endpoint)))
        this.#recovered(endpoint, now)
    for (const { endpoint, from, to } of transitions)
      if (to.state === 'down' && from.state !== 'down') {
        this.ramps.end(endpoint)
        if (from.state === 'up') this.#fell(endpoint, now)
      }
    const { notes, balancers: changed } = this.budget.notes.take()
    for (const name of changed) balancers.add(name)
    return { balancers, notes: [...due.notes, ...notes] }
  }

  /** What only time changes. */
  tick(now: Now): SteeringStep {
    const yesterdayMs = this.#wallMs
    this.#wallMs = now.wallMs
    const balancers = new Set<string>()
    for (const operation of this.#agenda.tick(now.wallMs)) {
      for (const name of this.#agenda.balancersOf(operation)) balancers.add(name)
      const endpoints = operation.kind === 'override' ? [operation.spec.name] : this.#falls.keys()
      this.#account(this.#falls.review(endpoints, this.#configuration, now.wallMs), now)
      for (const endpoint of endpointsOf(operation, this.#configuration))
        if (isOutByOperator(endpoint, this.#configuration, yesterdayMs)) this.#cameBack(endpoint, now)
    }
    for (const endpoint of this.ramps.tick(now.monotonicMs))
      for (const name of balancersOver(this.#configuration, poolOf(endpoint))) balancers.add(name)
    this.budget.tick(now)
    const { notes, balancers: changed } = this.budget.notes.take()
    for (const name of changed) balancers.add(name)
    return { balancers, notes }
  }

  /** The tiers of a load balancer that answer now: what latches stays on them. */
  observe(loadBalancer: string, answering: readonly AnsweringTier[]): readonly SteeringNote[] {
    return this.latches
      .advance(loadBalancer, answering)
      .map((tier) => ({ kind: 'latched', loadBalancer, ...tier }) as const)
  }

  /** So many ms until `tick` has something to do; null: only a call from outside brings anything. */
  dueInMs(now: Now): number | null {
    const times = [
      within(this.ramps.nextAtMs(), now.monotonicMs),
      within(this.budget.nextAtMs(), now.monotonicMs),
      within(this.#agenda.nextAtMs(), now.wallMs),
    ].filter((inMs) => inMs !== null)
    return times.length === 0 ? null : Math.max(0, Math.min(...times))
  }

  /** Overrides or drains go by the wall clock, which may be set at any time. */
  get goesByWall(): boolean {
    return this.#agenda.size > 0
  }

  /** What waits for its first configuration is kept, not lost. */
  save(now: Now): SavedSteering {
    if (this.#saved !== null) return this.#saved
    return {
      ramps: this.ramps.save(now),
      falls: this.#falls.save(),
      ...this.budget.save(now),
      latches: this.latches.save(),
    }
  }

  #restore(saved: SavedSteering, now: Now): void {
    this.#falls.restore(saved.falls)
    this.budget.restore(saved, now)
    this.latches.restore(saved.latches)
    for (const { endpoint, startedAtMs } of saved.ramps) {
      const agoMs = Math.max(0, now.wallMs - startedAtMs)
      const ramp = { startedAtMs: now.monotonicMs - agoMs, rampSec: this.#rampSec(endpoint) }
      this.ramps.start(endpoint, ramp, now.monotonicMs)
    }
  }

  /** Downs that were saved with the verdicts, but not here: the run before ended between the two, so they fall now. */
  #findFalls(now: Now): void {
    for (const endpoint of this.#configuration.endpoint.keys()) {
      const verdict = this.#verdict(endpoint)
      if (verdict?.state === 'down' && verdict.lastUp > 0) this.#fell(endpoint, now)
    }
  }

  #fell(endpoint: EndpointKey, now: Now): void {
    if (!this.#falls.has(endpoint))
      this.#account(this.#falls.fell(endpoint, this.#configuration, now.wallMs), now)
  }

  /** What nobody has judged yet since the start may be down still. */
  #isOver(endpoint: EndpointKey): boolean {
    const verdict = this.#verdict(endpoint)
    return verdict === undefined || verdict.state === 'up' || !this.#configuration.endpoint.has(endpoint)
  }

  #recovered(endpoint: EndpointKey, now: Now): void {
    const names = balancersOver(this.#configuration, poolOf(endpoint))
    const wasAnswered =
      this.#falls.isForcedUp(endpoint) ||
      (names.length > 0 && names.every((name) => this.budget.isHeld(name, endpoint)))
    this.#account(this.#falls.ended(endpoint), now)
    if (!wasAnswered) this.#ramp(endpoint, now)
  }

  /** An operator had the endpoint out of the answers; if that has ended, and nothing else keeps it out, it ramps up. */
  #cameBack(endpoint: EndpointKey, now: Now): void {
    const isOut = isOutByOperator(endpoint, this.#configuration, now.wallMs)
    const state = this.#verdict(endpoint)?.state ?? 'up'
    if (!isOut && state === 'up') this.#ramp(endpoint, now)
  }

  #ramp(endpoint: EndpointKey, { monotonicMs }: Now): void {
    const ramp = { startedAtMs: monotonicMs, rampSec: this.#rampSec(endpoint) }
    this.ramps.start(endpoint, ramp, monotonicMs)
  }

  /** 0: nothing ramps there. */
  #rampSec(endpoint: EndpointKey): number {
    if (!this.#configuration.endpoint.has(endpoint)) return 0
    return this.#configuration.pool.get(poolOf(endpoint))?.rampSec ?? 0
  }

  #account(changes: readonly FallChange[], now: Now): void {
    for (const { endpoint, to } of changes)
      if (to === 'withdrawn') this.budget.withdraw(endpoint, now)
      else this.budget.forget(endpoint, now)
  }
}

function within(atMs: number | null, nowMs: number): number | null {
  return atMs === null ? null : atMs - nowMs
}

function endpointsOf(operation: Operation, configuration: Configuration): readonly EndpointKey[] {
  return operation.kind === 'override'
    ? [operation.spec.name]
    : endpointsOfDrain(configuration, operation.spec)
}

/** The endpoints on which there is an override or a drain. */
function operatedOn(configuration: Configuration): ReadonlySet<EndpointKey> {
  const drained = [...configuration.drain.values()].flatMap((drain) => endpointsOfDrain(configuration, drain))
  return new Set([...configuration.override.keys(), ...drained])
}
