/**
 * The withdrawal budget: what verdicts may take out of the answers of one load balancer, and of all, in a window (SPEC.md,
 * W1 to W14). What is beyond it is held: it stays answered until the window gives budget back, in the order of falling.
 * What must stay true: of the capacity that is out, at most the limit was taken out within the window, or one endpoint, whatever the
 * order of events and restarts. What operators take out, and what they release, does not count.
 */
import { balancersOver } from '../../model/balancers-over.ts'
import { emptyConfiguration, type Configuration } from '../../model/configuration.ts'
import { EVERY_BALANCER } from '../../model/budget-release.ts'
import { poolOf, type EndpointKey } from '../../model/resource.ts'
import { BudgetLimits } from './budget-limits.ts'
import { BudgetNotes } from './budget-notes.ts'
import { DueQueue } from './due-queue.ts'
import type { Now } from './now.ts'

export interface SavedWithdrawal {
  /** null: of all endpoints. */
  readonly loadBalancer: string | null
  readonly endpoint: EndpointKey
  /** Milliseconds since the epoch. */
  readonly atMs: number
}

export interface Hold {
  readonly loadBalancer: string
  readonly endpoint: EndpointKey
  /** Milliseconds since the epoch. */
  readonly sinceMs: number
}

interface Scope {
  /** Taken out at, monotonic ms. */
  readonly out: Map<EndpointKey, number>
  /** In the order in which they fell. */
  readonly held: Map<EndpointKey, Hold>
  /** What the ones that are out cost together. */
  spent: number
}

/** Stands for all endpoints where a load balancer's name is expected; no name is empty. */
const TOTAL = ''

export class WithdrawalBudget {
  readonly #scopes = new Map<string, Scope>()
  readonly #total = new Map<EndpointKey, number>()
  /** Holds that wait for the budget of all; the others wait for that of their load balancer. */
  readonly #waiting = new Map<string, Hold>()
  readonly #due = new DueQueue()
  readonly notes = new BudgetNotes()
  #configuration: Configuration = emptyConfiguration()
  #limits = new BudgetLimits(this.#configuration)

  get limits(): BudgetLimits {
    return this.#limits
  }

  isHeld(loadBalancer: string, endpoint: EndpointKey): boolean {
    return this.#scopes.get(loadBalancer)?.held.has(endpoint) ?? false
  }

  *holds(): Generator<Hold> {
    for (const { held } of this.#scopes.values()) yield* held.values()
  }

  /** How many are held, once for each load balancer. */
  get held(): number {
    let count = 0
    for (const { held } of this.#scopes.values()) count += held.size
    return count
  }

  /** Names of the load balancers that have spent of theirs, or hold. */
  spenders(): Iterable<string> {
    return this.#scopes.keys()
  }

  /** The capacity that was taken out within the window and is still out; `null`: of all, in endpoints. */
  spent(loadBalancer: string | null): number {
    return loadBalancer === null ? this.#total.size : (this.#scopes.get(loadBalancer)?.spent ?? 0)
  }

  /** A new revision: what is gone is forgotten, what was released goes, and limits are counted anew. */
  define(configuration: Configuration, now: Now): void {
    this.#configuration = configuration
    this.#limits = new BudgetLimits(configuration)
    for (const [name, scope] of this.#scopes) {
      this.#prune(name, scope)
      scope.spent = 0
      for (const endpoint of scope.out.keys()) scope.spent += this.#limits.costOf(name, endpoint)
    }
    for (const [endpoint, atMs] of this.#total)
      if (this.#limits.total === null || !configuration.endpoint.has(endpoint)) this.#freeTotal(endpoint)
      else this.#due.set(idOf(TOTAL, endpoint), atMs + this.#limits.total.windowMs)
    for (const name of this.#scopes.keys()) this.#retry(name, now)
    this.#retryTotal(now)
  }

  /** A verdict takes the endpoint out, now; where the budget is spent it is held. */
  withdraw(endpoint: EndpointKey, now: Now): void {
    for (const name of balancersOver(this.#configuration, poolOf(endpoint))) {
      const hold = { loadBalancer: name, endpoint, sinceMs: now.wallMs }
      const blocked = this.#admit(hold, now)
      if (blocked === null) continue
      this.#hold(hold, blocked)
      this.notes.held(name, endpoint, blocked)
    }
  }

  /** It is up again, or an operator decides on it now: what it took of the budget is free. */
  forget(endpoint: EndpointKey, now: Now): void {
    const names = balancersOver(this.#configuration, poolOf(endpoint))
    for (const name of names) {
      this.#free(name, endpoint)
      if (this.#unhold(name, endpoint)) this.notes.ended(name, endpoint, 'answered')
    }
    this.#freeTotal(endpoint)
    for (const name of names) this.#retry(name, now)
    this.#retryTotal(now)
  }

  /** Windows that end give their budget back. */
  tick(now: Now): void {
    const due = this.#due.takeDue(now.monotonicMs)
    const names = new Set<string>()
    for (const id of due) {
      const [name = '', endpoint = ''] = id.split(' ')
      names.add(name)
      if (name === TOTAL) this.#total.delete(endpoint)
      else this.#free(name, endpoint)
    }
    for (const name of names) if (name !== TOTAL) this.#retry(name, now)
    if (names.has(TOTAL)) this.#retryTotal(now)
  }

  /** Monotonic ms. */
  nextAtMs(): number | null {
    return this.#due.nextAtMs()
  }

  save(now: Now): { readonly withdrawals: readonly SavedWithdrawal[]; readonly holds: readonly Hold[] } {
    const saved = (loadBalancer: string | null, out: ReadonlyMap<EndpointKey, number>): SavedWithdrawal[] =>
      Array.from(out, ([endpoint, atMs]) => ({
        loadBalancer,
        endpoint,
        atMs: now.wallMs - (now.monotonicMs - atMs),
      }))
    return {
      withdrawals: [
        ...Array.from(this.#scopes, ([name, { out }]) => saved(name, out)).flat(),
        ...saved(null, this.#total),
      ],
      holds: [...this.holds()],
    }
  }

  /** Call before `define`. A wall clock that was set back makes nothing younger than now. */
  restore(
    {
      withdrawals,
      holds,
    }: { readonly withdrawals: readonly SavedWithdrawal[]; readonly holds: readonly Hold[] },
    now: Now,
  ): void {
    for (const { loadBalancer, endpoint, atMs } of withdrawals) {
      const out = loadBalancer === null ? this.#total : this.#scope(loadBalancer).out
      out.set(endpoint, now.monotonicMs - Math.max(0, now.wallMs - atMs))
    }
    for (const hold of holds) this.#hold(hold, 'load-balancer')
  }

  /** null: it is out now. Otherwise the budget that is spent. */
  #admit({ loadBalancer, endpoint }: Hold, now: Now): 'load-balancer' | 'total' | null {
    const own = this.#limits.ofBalancer(loadBalancer)
    const { total } = this.#limits
    if (own !== null && !this.#fits(loadBalancer, endpoint)) return 'load-balancer'
    const isNew = total !== null && !this.#total.has(endpoint)
    if (isNew && this.#total.size >= total.amount) return 'total'
    if (own !== null) {
      this.#takeOut(loadBalancer, endpoint, now)
      this.#due.set(idOf(loadBalancer, endpoint), now.monotonicMs + own.windowMs)
    }
    if (!isNew) return null
    this.#total.set(endpoint, now.monotonicMs)
    this.#due.set(idOf(TOTAL, endpoint), now.monotonicMs + total.windowMs)
    // It is out of all now: elsewhere it need not wait for that any more.
    for (const name of balancersOver(this.#configuration, poolOf(endpoint))) {
      const waiting = this.#waiting.get(idOf(name, endpoint))
      if (waiting !== undefined && name !== loadBalancer) this.#try(waiting, now)
    }
    return null
  }

  /** One may always go: a budget that lets nothing go would be a switch that turns health off. */
  #fits(name: string, endpoint: EndpointKey): boolean {
    const limit = this.#limits.ofBalancer(name)
    const scope = this.#scopes.get(name)
    if (limit === null || scope === undefined || scope.out.size === 0) return true
    return scope.spent + this.#limits.costOf(name, endpoint) <= limit.amount
  }

  #takeOut(name: string, endpoint: EndpointKey, now: Now): void {
    const scope = this.#scope(name)
    if (!scope.out.has(endpoint)) scope.spent += this.#limits.costOf(name, endpoint)
    scope.out.set(endpoint, now.monotonicMs)
  }

  /** True when it need not be held any longer. */
  #try(hold: Hold, now: Now): boolean {
    const blocked = this.#admit(hold, now)
    if (blocked === null) {
      this.#unhold(hold.loadBalancer, hold.endpoint)
      this.notes.ended(hold.loadBalancer, hold.endpoint, 'withdrawn')
    } else this.#hold(hold, blocked)
    return blocked === null
  }

  #retry(name: string, now: Now): void {
    for (const hold of this.#scopes.get(name)?.held.values() ?? []) {
      if (!this.#fits(name, hold.endpoint)) return
      if (!this.#waiting.has(idOf(name, hold.endpoint))) this.#try(hold, now)
    }
  }

  #retryTotal(now: Now): void {
    const { total } = this.#limits
    for (const hold of this.#waiting.values()) {
      if (total !== null && this.#total.size >= total.amount) return
      this.#try(hold, now)
    }
  }

  #hold(hold: Hold, blocked: 'load-balancer' | 'total'): void {
    const { held } = this.#scope(hold.loadBalancer)
    // Not set again: it keeps its place in the order.
    if (!held.has(hold.endpoint)) held.set(hold.endpoint, hold)
    const id = idOf(hold.loadBalancer, hold.endpoint)
    if (blocked === 'load-balancer') this.#waiting.delete(id)
    else if (!this.#waiting.has(id)) this.#waiting.set(id, hold)
  }

  #unhold(name: string, endpoint: EndpointKey): boolean {
    this.#waiting.delete(idOf(name, endpoint))
    const was = this.#scopes.get(name)?.held.delete(endpoint) ?? false
    this.#dropEmpty(name)
    return was
  }

  #free(name: string, endpoint: EndpointKey): void {
    this.#due.delete(idOf(name, endpoint))
    const scope = this.#scopes.get(name)
    if (scope?.out.delete(endpoint) === true) scope.spent -= this.#limits.costOf(name, endpoint)
    this.#dropEmpty(name)
  }

  #freeTotal(endpoint: EndpointKey): void {
    this.#due.delete(idOf(TOTAL, endpoint))
    this.#total.delete(endpoint)
  }

  #prune(name: string, { out, held }: Scope): void {
    const { endpoint: endpoints } = this.#configuration
    const limit = this.#limits.ofBalancer(name)
    const pools = this.#limits.poolsOf(name)
    const isGone = (endpoint: EndpointKey) => !endpoints.has(endpoint) || !pools.has(poolOf(endpoint))
    for (const [endpoint, atMs] of out)
      if (limit === null || isGone(endpoint)) this.#free(name, endpoint)
      else this.#due.set(idOf(name, endpoint), atMs + limit.windowMs)
    for (const hold of held.values()) {
      const { endpoint } = hold
      if (isGone(endpoint)) this.#unhold(name, endpoint)
      else if (this.#isReleased(hold)) {
        this.#unhold(name, endpoint)
        this.notes.ended(name, endpoint, 'released')
      }
    }
  }

  /** A release is about what was held when it was made, on every reader and after every restart. */
  #isReleased({ loadBalancer, sinceMs }: Hold): boolean {
    const { budgetRelease } = this.#configuration
    const atMs = Math.max(
      budgetRelease.get(loadBalancer)?.releasedAtMs ?? -1,
      budgetRelease.get(EVERY_BALANCER)?.releasedAtMs ?? -1,
    )
    return sinceMs <= atMs
  }

  #scope(name: string): Scope {
    const known = this.#scopes.get(name)
    if (known !== undefined) return known
    const scope: Scope = { out: new Map(), held: new Map(), spent: 0 }
    this.#scopes.set(name, scope)
    return scope
  }

  #dropEmpty(name: string): void {
    const scope = this.#scopes.get(name)
    if (scope?.out.size === 0 && scope.held.size === 0) this.#scopes.delete(name)
  }
}

function idOf(name: string, endpoint: EndpointKey): string {
  return `${name} ${endpoint}`
}
