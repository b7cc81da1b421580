/**
 * The tree that the page shows: zone, load balancer, pool, endpoint.
 * What must stay true: every endpoint that is known is in it, also where nothing answers with it.
 */
import type { Status } from '../../../src/core/views/status.ts'
import type { EndpointStatus } from './known.ts'
import { markOfAll, type Mark } from './mark.ts'

export type Balancer = Status['loadBalancers'][number]

export interface PoolNode {
  readonly name: string
  readonly endpoints: readonly EndpointStatus[]
  readonly mark: Mark
}

export interface BalancerNode {
  readonly balancer: Balancer
  readonly pools: readonly PoolNode[]
  readonly mark: Mark
}

export interface ZoneNode {
  readonly name: string
  readonly balancers: readonly BalancerNode[]
}

export interface Tree {
  readonly zones: readonly ZoneNode[]
  /** Behind no load balancer. */
  readonly others: readonly PoolNode[]
}

export function treeOf({ endpoints, loadBalancers }: Pick<Status, 'endpoints' | 'loadBalancers'>): Tree {
  const pools = new Map(
    [...Map.groupBy(endpoints, ({ pool }) => pool)].map(([name, all]) => [name, poolNode(name, all)]),
  )
  const zones = [...Map.groupBy(loadBalancers, ({ zone }) => zone)]
    .map(([name, all]) => ({ name, balancers: all.map((one) => balancerNode(one, pools)) }))
    .toSorted((a, b) => compare(a.name, b.name))
  const behind = new Set(loadBalancers.flatMap((one) => one.pools ?? []))
  const others = [...pools.values()].filter(({ name }) => !behind.has(name))
  return { zones, others: others.toSorted((a, b) => compare(a.name, b.name)) }
}

function poolNode(name: string, all: readonly EndpointStatus[]): PoolNode {
  const endpoints = all.toSorted((a, b) => compare(a.endpoint, b.endpoint))
  return { name, endpoints, mark: markOfAll(endpoints) }
}

function balancerNode(balancer: Balancer, pools: ReadonlyMap<string, PoolNode>): BalancerNode {
  const within = (balancer.pools ?? []).map((name) => pools.get(name) ?? poolNode(name, []))
  const isWhenDown = balancer.answers.some(({ rule }) => rule === 'when-down')
  const mark: Mark = isWhenDown
    ? { tone: 'bad', word: 'down' }
    : markOfAll(within.flatMap(({ endpoints }) => endpoints))
  return { balancer, pools: within, mark }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
