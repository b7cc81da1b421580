/** Each call names every load balancer whose answers are others by it: the publisher plans those anew, and nothing else. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OwnerRecords } from '../../dns/record-set.ts'
import type { VerdictState } from '../../health/verdict.ts'
import { applyChanges, type Configuration } from '../../model/configuration.ts'
import { overrideSchema } from '../../model/override.ts'
import type { EndpointKey, Resource } from '../../model/resource.ts'
import { settingsSchema } from '../../model/settings.ts'
import { AnswerPlan } from '../answer-plan.ts'
import { anyConfiguration, answersOf } from '../testing/any-plan.ts'
import { answeringTiers } from './answering-tiers.ts'
import { at, Reader, START } from './testing/steering-world.ts'

const WINDOW_SEC = 30
const settings = settingsSchema.parse({
  withdrawalBudget: { balancerShare: '40%', totalShare: '60%', windowSec: WINDOW_SEC, minEndpoints: 2 },
})

/** Everything that steering remembers happens there: ramps, holds, latches, overrides that end; p4 holds p1 too. */
function steered(configuration: Configuration, overridden: readonly number[]): Configuration {
  const keys = [...configuration.endpoint.keys()]
  const resources: Resource[] = [{ kind: 'settings', key: 'settings', spec: settings }]
  for (const [key, spec] of configuration.pool)
    resources.push({
      kind: 'pool',
      key,
      spec: { ...spec, pools: key === 'p4' ? ['p1'] : [], rampSec: 20, monitors: ['web'] },
    })
  for (const [key, spec] of configuration.loadBalancer)
    if (spec.policy.kind === 'failover')
      resources.push({
        kind: 'loadBalancer',
        key,
        spec: { ...spec, policy: { ...spec.policy, latch: true } },
      })
  for (const [order, index] of overridden.entries()) {
    const name = keys[index]
    if (name === undefined) continue
    const expiresAtMs = START.wallMs + 20_000 * (order + 1)
    const spec = overrideSchema.parse({
      name,
      state: 'forced-down',
      reason: 'test',
      author: 'a',
      expiresAtMs,
    })
    resources.push({ kind: 'override', key: name, spec })
  }
  return applyChanges(
    configuration,
    resources.map((resource) => ({ op: 'put', ...resource }) as const),
  )
}

const anyWorld = fc
  .tuple(anyConfiguration, fc.array(fc.nat(11), { maxLength: 3 }))
  .map(([configuration, overridden]) => steered(configuration, overridden))
/** Ramps go on, an override ends, a window of the budget ends. */
const anySec = fc.constantFrom(0, 1, 2, 20, WINDOW_SEC, 2 * WINDOW_SEC)
const anyStates = fc.array(fc.tuple(fc.nat(11), fc.constantFrom('up', 'down', 'down')), { maxLength: 8 })
/** Verdicts change so long after the step before it; none: only time has passed. */
const anyStep = fc.record({ sec: anySec, states: fc.oneof(anyStates, fc.constant([])) })

interface Step {
  readonly sec: number
  readonly states: readonly (readonly [number, VerdictState])[]
}

class World {
  readonly reader = new Reader()
  readonly #configuration: Configuration
  readonly #plan: AnswerPlan
  /** As a publisher would hold them. */
  readonly published: Map<string, OwnerRecords>

  constructor(configuration: Configuration) {
    this.#configuration = configuration
    this.#plan = new AnswerPlan(configuration)
    this.reader.define(configuration)
    // What never was up does not fall.
    this.#become([...configuration.endpoint.keys()].map((_, index) => [index, 'up']))
    this.published = this.planned()
  }

  planned(): Map<string, OwnerRecords> {
    return answersOf(this.#plan, this.reader.state.view)
  }

  take(step: Step): void {
    this.reader.now = at(step.sec, this.reader.now)
    const { balancers } = step.states.length === 0 ? this.reader.pass(0) : this.#become(step.states)
    for (const name of balancers) this.#renew(name)
    for (const balancer of this.#configuration.loadBalancer.values()) {
      const decisions = this.#plan.decisions(balancer, this.reader.state.view)
      this.reader.state.observe(balancer.name, answeringTiers(decisions))
    }
  }

  #become(to: Step['states']) {
    const keys = [...this.#configuration.endpoint.keys()]
    return this.reader.become(
      Object.fromEntries(
        to.flatMap(([index, state]): [EndpointKey, VerdictState][] => {
          const key = keys[index % keys.length]
          return key === undefined ? [] : [[key, state]]
        }),
      ),
    )
  }

  #renew(name: string): void {
    const balancer = this.#configuration.loadBalancer.get(name)
    const records = balancer ? this.#plan.ownerRecords(balancer, this.reader.state.view) : []
    if (records.length > 0) this.published.set(name, records)
    else this.published.delete(name)
  }
}

describe('what is named', () => {
  it('S1 any history: the load balancers that each step names, planned anew, come to the same as the full plan', () => {
    fc.assert(
      fc.property(anyWorld, fc.array(anyStep, { minLength: 1, maxLength: 12 }), (configuration, steps) => {
        const world = new World(configuration)
        for (const step of steps) {
          world.take(step)
          expect(Object.fromEntries(world.published)).toEqual(Object.fromEntries(world.planned()))
        }
      }),
      { numRuns: 250 },
    )
  })
})
