/**
 * The agenda: when overrides and drains begin, progress and end by the wall clock (SPEC.md, A1 to A5).
 * What must stay true: between two due times no operation changes what is answered; a wall clock that is set back brings back
 * what it undoes.
 */
import { balancersOver } from '../../model/balancers-over.ts'
import type { Configuration } from '../../model/configuration.ts'
import { drainedBy, type Drain } from '../../model/drain.ts'
import { poolsWithin } from '../../model/nested-pools.ts'
import type { Override } from '../../model/override.ts'
import { poolOf } from '../../model/resource.ts'
import { isExpired, nextChangeOfDrain } from '../operations-in-force.ts'
import { DueQueue } from './due-queue.ts'

export type Operation =
  { readonly kind: 'override'; readonly spec: Override } | { readonly kind: 'drain'; readonly spec: Drain }

export class Agenda {
  readonly #due = new DueQueue()
  readonly #operations = new Map<string, Operation>()
  readonly #balancers = new Map<string, readonly string[]>()
  #configuration: Configuration | null = null
  #wallMs = 0

  define(configuration: Configuration, wallMs: number): void {
    this.#configuration = configuration
    this.#wallMs = wallMs
    this.#due.clear()
    this.#operations.clear()
    this.#balancers.clear()
    for (const [key, spec] of configuration.override)
      this.#operations.set(`override ${key}`, { kind: 'override', spec })
    for (const [key, spec] of configuration.drain)
      this.#operations.set(`drain ${key}`, { kind: 'drain', spec })
    this.#schedule(this.#operations.keys())
  }

  get size(): number {
    return this.#operations.size
  }

  /** The operations that say something else now. */
  tick(wallMs: number): readonly Operation[] {
    const isBack = wallMs < this.#wallMs
    this.#wallMs = wallMs
    const due = isBack ? [...this.#operations.keys()] : this.#due.takeDue(wallMs)
    this.#schedule(due)
    return due.flatMap((id) => this.#operations.get(id) ?? [])
  }

  /** Milliseconds since the epoch. */
  nextAtMs(): number | null {
    return this.#due.nextAtMs()
  }

  /** Names of the load balancers that an operation is about. */
  balancersOf({ kind, spec }: Operation): readonly string[] {
    const id = `${kind} ${spec.name}`
    const known = this.#balancers.get(id)
    if (known !== undefined) return known
    const configuration = this.#configuration
    const pools = configuration === null ? [] : poolsAbout({ kind, spec } as Operation, configuration)
    const names = pools.flatMap((pool) => (configuration === null ? [] : balancersOver(configuration, pool)))
    const balancers = [...new Set(names)]
    this.#balancers.set(id, balancers)
    return balancers
  }

  #schedule(ids: Iterable<string>): void {
    for (const id of ids) {
      const operation = this.#operations.get(id)
      const atMs = operation && nextChange(operation, this.#wallMs)
      if (atMs === undefined || atMs === null) this.#due.delete(id)
      else this.#due.set(id, atMs)
    }
  }
}

function nextChange({ kind, spec }: Operation, wallMs: number): number | null {
  if (kind === 'drain') return nextChangeOfDrain(spec, wallMs)
  return isExpired(spec, wallMs) ? null : (spec.expiresAtMs ?? null)
}

function poolsAbout({ kind, spec }: Operation, configuration: Configuration): readonly string[] {
  if (kind === 'override') return [poolOf(spec.name)]
  const { kind: target, key } = drainedBy(spec)
  if (target === 'endpoint') return [poolOf(key)]
  if (target === 'pool') return poolsWithin(configuration.pool, key)
  const pools = new Set<string>()
  for (const [endpoint, { site }] of configuration.endpoint) if (site === key) pools.add(poolOf(endpoint))
  return [...pools]
}
