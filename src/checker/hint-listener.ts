/**
 * Hints: a peer that doubts what we hold up is asked to be wrong at once, by a probe of our own, so that a quorum comes together
 * in one probe's time. What must stay true: hints cost at most a fifth of our own rate, and a doubt that stays is one hint, however
 * often it is repeated: who is slower to see an endpoint come back must not use up what the next death needs (SPEC.md, H).
 */
import type { Frame } from '../core/health/frame.ts'
import { fullBudget, spendHint, type HintBudget, type ProbeLoad } from '../core/health/hint-budget.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import type { EndpointCheck } from './endpoint-check.ts'

export class HintListener {
  #load: ProbeLoad = { checks: 0, probesPerSec: 0 }
  #budget: HintBudget = fullBudget(this.#load, 0)
  /** By checker, what it doubted when it was last heard, where we have probed for it or had no need to. */
  readonly #doubts = new Map<string, Set<EndpointKey>>()

  /** After every change of what is checked. */
  weigh(checks: Iterable<EndpointCheck>, nowMs: number): void {
    let count = 0
    let probesPerSec = 0
    for (const { load } of checks) {
      count += load.checks
      probesPerSec += load.probesPerSec
    }
    const added = count - this.#load.checks
    this.#load = { checks: count, probesPerSec }
    // What is new may be confirmed once, as if it had been there.
    this.#budget = { tokens: Math.max(0, this.#budget.tokens + added), atMs: nowMs }
  }

  /** Of a fenced checker nothing is believed. */
  hear(frame: Frame, checks: ReadonlyMap<EndpointKey, EndpointCheck>, nowMs: number): void {
    if (frame.fenced) return
    const doubts = this.#doubtsOf(frame)
    const spend = () => {
      const next = spendHint(this.#budget, this.#load, nowMs)
      if (next !== null) this.#budget = next
      return next !== null
    }
    for (const register of frame.registers) {
      const { endpoint, state } = register
      const isDoubt = state === 'suspect' || state === 'down'
      if (!isDoubt) doubts.delete(endpoint)
      else if (!doubts.has(endpoint) && checks.get(endpoint)?.confirm(register, spend) === true)
        doubts.add(endpoint)
    }
  }

  /** A whole state says everything: what is not in it is doubted no more. */
  #doubtsOf({ checker, snapshot, registers }: Frame): Set<EndpointKey> {
    const known = this.#doubts.get(checker) ?? new Set()
    const doubts = snapshot
      ? new Set(registers.flatMap(({ endpoint }) => (known.has(endpoint) ? [endpoint] : [])))
      : known
    this.#doubts.set(checker, doubts)
    return doubts
  }
}
