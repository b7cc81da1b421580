import { expect, it } from 'vitest'
import { foundInTree } from './found-in-tree.ts'
import type { EndpointStatus } from './known.ts'
import { treeOf, type Balancer, type Tree } from './tree.ts'

const endpoint = (key: string, state: EndpointStatus['state'], degraded = false): EndpointStatus => {
  const [pool = '', name = ''] = key.split('/')
  return {
    ...{ pool, endpoint: name, address: `${name}.test`, port: 80, site: 'ams', state, degraded },
    ...{ beside: [], sinceMs: 1, rule: 'quorum-up', detail: '' },
  }
}
type Counts = NonNullable<Balancer['counts']>
const counted = (some: Partial<Counts>): Counts => {
  const counts = { up: 0, degraded: 0, down: 0, unknown: 0, other: 0, ...some }
  return { ...counts, total: counts.up + counts.down + counts.unknown + counts.other }
}
const POOLS: Readonly<Record<string, Counts>> = {
  ...{ a: counted({ up: 1 }), b: counted({ up: 1, down: 1 }), dead: counted({ down: 1 }) },
  ...{ slow: counted({ up: 1, degraded: 1 }), new: counted({ unknown: 1 }), free: counted({ other: 1 }) },
  ...{ none: counted({}), big: counted({ up: 5, down: 1 }), behind: counted({ down: 2 }) },
}
const poolStatus = (name: string, loadBalancers = 1) => ({
  ...{ name, counts: POOLS[name] ?? counted({}), loadBalancers },
})
const balancer = (name: string, pools: string[], answers: Balancer['answers'] = []): Balancer => {
  const zone = name.slice(name.indexOf('.') + 1)
  const counts = counted({})
  for (const pool of pools)
    for (const [key, count] of Object.entries(POOLS[pool] ?? {})) counts[key as keyof Counts] += count
  return { name, zone, policy: 'all', pools, counts, answers, latched: [] }
}
const whenDown: Balancer['answers'] = [
  { type: 'A', kind: 'plain', values: [], ttlSec: 5, rule: 'when-down', readBackAtMs: null },
]

const tree = treeOf({
  endpoints: [
    ...[endpoint('b/2', 'down'), endpoint('b/1', 'up'), endpoint('a/1', 'up'), endpoint('dead/1', 'down')],
    ...[endpoint('slow/1', 'up', true), endpoint('new/1', 'unknown'), endpoint('free/1', 'unmonitored')],
    ...[endpoint('big/1', 'down'), endpoint('behind/1', 'down')],
  ],
  loadBalancers: [
    ...[balancer('x.two.test', ['a', 'b']), balancer('y.one.test', ['a'])],
    ...[balancer('z.one.test', ['dead'], whenDown), balancer('s.one.test', ['slow'])],
    ...[balancer('n.one.test', ['new']), balancer('e.one.test', ['none'])],
    balancer('big.one.test', ['big']),
  ],
  pools: [
    ...['a', 'b', 'dead', 'slow', 'new', 'none', 'big', 'behind'].map((name) => poolStatus(name)),
    poolStatus('free', 0),
  ],
})

const marks = (of: Tree) =>
  Object.fromEntries(
    of.zones.flatMap(({ balancers }) => balancers.map((one) => [one.balancer.name, one.mark.word])),
  )

it('has zones, load balancers, pools and endpoints in order, and pools that nothing answers with', () => {
  expect(tree.zones.map(({ name }) => name)).toEqual(['one.test', 'two.test'])
  const [x] = tree.zones[1]?.balancers ?? []
  expect(x?.pools.map(({ name, endpoints }) => [name, endpoints.map((one) => one.endpoint)])).toEqual([
    ['a', ['1']],
    ['b', ['1', '2']],
  ])
  expect(tree.others.map(({ name }) => name)).toEqual(['free'])
})

it('says of a load balancer what its endpoints are, or that nothing is healthy', () => {
  expect(marks(tree)).toEqual({
    ...{ 'x.two.test': 'degraded', 'y.one.test': 'up', 'z.one.test': 'down' },
    ...{ 's.one.test': 'degraded', 'n.one.test': 'unknown', 'e.one.test': 'empty' },
    'big.one.test': 'degraded',
  })
})

it('counts all endpoints, and says how many are not listed', () => {
  const big = tree.zones[0]?.balancers.find(({ balancer: { name } }) => name === 'big.one.test')
  expect(big?.balancer.counts).toMatchObject({ total: 6, up: 5 })
  expect(big?.pools.map(({ name, endpoints, unlisted }) => [name, endpoints.length, unlisted])).toEqual([
    ['big', 1, 5],
  ])
})

it('finds by the name of anything in it, and shows what leads there', () => {
  expect(Object.keys(marks(foundInTree(tree, ' DEAD ')))).toEqual(['z.one.test'])
  expect(Object.keys(marks(foundInTree(tree, 'two.test')))).toEqual(['x.two.test'])
  const [x] = foundInTree(tree, '2.test').zones.flatMap(({ balancers }) => balancers)
  expect(x?.pools.map(({ name, endpoints }) => [name, endpoints.length])).toEqual([['b', 1]])
  expect(foundInTree(tree, 'nothing')).toEqual({ zones: [], others: [] })
  expect(foundInTree(tree, '')).toBe(tree)
})
