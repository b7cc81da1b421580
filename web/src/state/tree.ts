/**
 * The tree that the page shows: zone, load balancer, pool, endpoint.
 * What must stay true: every endpoint that is listed is in it, also where nothing answers with it or what does is not listed; marks
 * and counts are of all endpoints, which the control counts: never of those that happen to be listed.
 */
import type { EndpointCounts, Status } from '../../../src/core/views/status.ts'
import type { EndpointStatus } from './known.ts'
import { markOfAll, type Mark } from './mark.ts'

export type Balancer = Status['loadBalancers'][number]

type Pool = NonNullable<Status['pools']>[number]

export interface PoolNode {
  readonly name: string
  /** Those that the control listed. */
  readonly endpoints: readonly EndpointStatus[]
  readonly counts: EndpointCounts
  /** How many the control had no room to list. */
  readonly unlisted: number
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

type Listed = Pick<Status, 'endpoints' | 'loadBalancers' | 'pools'>

export function treeOf({ endpoints, loadBalancers, pools = [] }: Listed): Tree {
  const rows = Map.groupBy(endpoints, ({ pool }) => pool)
  const nodes = new Map(pools.map((one) => [one.name, poolNode(one, rows.get(one.name) ?? [])]))
  const zones = [...Map.groupBy(loadBalancers, ({ zone }) => zone)]
    .map(([name, all]) => ({ name, balancers: all.map((one) => balancerNode(one, nodes)) }))
    .toSorted((a, b) => compare(a.name, b.name))
  const others = pools.flatMap((one) =>
    one.loadBalancers === 0 ? [nodes.get(one.name)].filter((node) => node !== undefined) : [],
  )
  return { zones, others: others.toSorted((a, b) => compare(a.name, b.name)) }
}

function poolNode({ name, counts }: Pool, listed: readonly EndpointStatus[]): PoolNode {
  const endpoints = listed.toSorted((a, b) => compare(a.endpoint, b.endpoint))
  return { name, endpoints, counts, unlisted: Math.max(0, counts.total - endpoints.length) }
}

function balancerNode(balancer: Balancer, nodes: ReadonlyMap<string, PoolNode>): BalancerNode {
  const within = (balancer.pools ?? []).flatMap((name) => nodes.get(name) ?? [])
  const isWhenDown = balancer.answers.some(({ rule }) => rule === 'when-down')
  const { counts } = balancer
  const mark: Mark = counts === undefined ? { tone: 'open', word: 'not known' } : markOfAll(counts)
  return { balancer, pools: within, mark: isWhenDown ? { tone: 'bad', word: 'down' } : mark }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
