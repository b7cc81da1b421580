/** The part of the tree whose names or addresses hold a text; a load balancer that is found keeps all that is below it. */
import type { BalancerNode, PoolNode, Tree } from './tree.ts'

export function foundInTree(tree: Tree, text: string): Tree {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return tree
  const has = (name: string) => name.toLowerCase().includes(wanted)
  const inPool = (pool: PoolNode): PoolNode[] => {
    if (has(pool.name)) return [pool]
    const endpoints = pool.endpoints.filter(({ endpoint, address, site }) =>
      [endpoint, address, site].some(has),
    )
    return endpoints.length === 0 ? [] : [{ ...pool, endpoints }]
  }
  const inBalancer = (node: BalancerNode): BalancerNode[] => {
    if (has(node.balancer.name) || has(node.balancer.zone)) return [node]
    const pools = node.pools.flatMap(inPool)
    return pools.length === 0 ? [] : [{ ...node, pools }]
  }
  const zones = tree.zones.map((zone) => ({ ...zone, balancers: zone.balancers.flatMap(inBalancer) }))
  return { zones: zones.filter(({ balancers }) => balancers.length > 0), others: tree.others.flatMap(inPool) }
}
