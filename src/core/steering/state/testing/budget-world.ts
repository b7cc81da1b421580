/** One load balancer over one pool of endpoints a, b, c ..., in few words, for tests of its withdrawal budget. */
import type { Resource } from '../../../model/resource.ts'
import type { Configuration } from '../../../model/configuration.ts'
import { balancer, configuration, endpoints, Reader } from './steering-world.ts'

export const WWW = 'www.example.test'
export const ALL = { kind: 'all', pools: ['web'] }

export interface BudgetOptions {
  readonly count?: number
  /** Of the load balancer. */
  readonly budget?: unknown
  /** Of all. */
  readonly settings?: unknown
}

export function webPool(count: number, more: object = {}): object[] {
  return [{ name: 'web', monitors: ['http'], endpoints: endpoints(count), ...more }]
}

export function world(
  { count = 8, budget, settings }: BudgetOptions = {},
  ...kept: Resource[]
): Configuration {
  return configuration(
    {
      pools: webPool(count),
      loadBalancers: [balancer('www', ALL, budget === undefined ? {} : { withdrawalBudget: budget })],
      ...(settings === undefined ? {} : { settings: { withdrawalBudget: settings } }),
    },
    ...kept,
  )
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** `count` endpoints from the `from`-th on, all in one state. */
export function every<S extends string>(count: number, state: S, from = 0): Record<string, S> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`web/${LETTERS[from + index] ?? ''}`, state]),
  )
}

/** All of them up. */
export function started(options: BudgetOptions = {}): Reader {
  const reader = new Reader()
  reader.define(world(options))
  reader.become(every(options.count ?? 8, 'up'))
  return reader
}

export function heldOf(reader: Reader, name = WWW): string[] {
  return [...reader.state.budget.holds()]
    .filter((one) => one.loadBalancer === name)
    .map((one) => one.endpoint)
}
