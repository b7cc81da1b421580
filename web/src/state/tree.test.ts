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
const balancer = (name: string, pools: string[], answers: Balancer['answers'] = []): Balancer => {
  const zone = name.slice(name.indexOf('.') + 1)
  return { name, zone, policy: 'all', pools, answers, latched: [] }
}
const whenDown: Balancer['answers'] = [
  { type: 'A', kind: 'plain', values: [], ttlSec: 5, rule: 'when-down', readBackAtMs: null },
]

const tree = treeOf({
  endpoints: [
    ...[endpoint('b/2', 'down'), endpoint('b/1', 'up'), endpoint('a/1', 'up'), endpoint('dead/1', 'down')],
    ...[endpoint('slow/1', 'up', true), endpoint('new/1', 'unknown'), endpoint('free/1', 'unmonitored')],
  ],
  loadBalancers: [
    ...[balancer('x.two.test', ['a', 'b']), balancer('y.one.test', ['a'])],
    ...[balancer('z.one.test', ['dead'], whenDown), balancer('s.one.test', ['slow'])],
    ...[balancer('n.one.test', ['new']), balancer('e.one.test', ['none'])],
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
  })
})

it('finds by the name of anything in it, and shows what leads there', () => {
  expect(Object.keys(marks(foundInTree(tree, ' DEAD ')))).toEqual(['z.one.test'])
  expect(Object.keys(marks(foundInTree(tree, 'two.test')))).toEqual(['x.two.test'])
  const [x] = foundInTree(tree, '2.test').zones.flatMap(({ balancers }) => balancers)
  expect(x?.pools.map(({ name, endpoints }) => [name, endpoints.length])).toEqual([['b', 1]])
  expect(foundInTree(tree, 'nothing')).toEqual({ zones: [], others: [] })
  expect(foundInTree(tree, '')).toBe(tree)
})
