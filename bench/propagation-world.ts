/** Load balancers of two pools each, and the same names as static records in another zone. */
import { endpointSchema } from '../src/core/model/pool.ts'
import { loadBalancerSchema } from '../src/core/model/load-balancer.ts'
import { monitorSchema } from '../src/core/model/monitor.ts'
import type { Resource } from '../src/core/model/resource.ts'
import { zoneSchema } from '../src/core/model/zone.ts'

export const BALANCERS = 1_000
export const primary = (index: number) => `10.1.${index >> 8}.${index & 255}`
export const secondary = (index: number) => `10.2.${index >> 8}.${index & 255}`

export function propagationWorld(): Resource[] {
  const indices = Array.from({ length: BALANCERS }, (_, index) => index)
  const zone = (name: string, records: object[]): Resource => ({
    kind: 'zone',
    key: name,
    spec: zoneSchema.parse({ name, nameservers: ['ns.example.net'], records }),
  })
  const endpoint = (pool: string, name: string, address: string): Resource => {
    const spec = endpointSchema.parse({ name, address, port: 80, site: 'here' })
    return { kind: 'endpoint', key: `${pool}/${name}`, spec }
  }
  return [
    zone('example.test', []),
    zone(
      'api.test',
      indices.map((index) => ({ name: `b${index}`, type: 'A', ttlSec: 30, values: [primary(index)] })),
    ),
    { kind: 'monitor', key: 'tcp', spec: monitorSchema.parse({ kind: 'tcp', name: 'tcp' }) },
    ...indices.flatMap((index): Resource[] => {
      const [first, second, name] = [`p${index}`, `s${index}`, `b${index}.example.test`]
      const policy = { kind: 'failover', tiers: [{ pool: first }, { pool: second }] }
      const spec = loadBalancerSchema.parse({ name, zone: 'example.test', policy })
      return [
        ...[first, second].map((pool): Resource => ({
          kind: 'pool',
          key: pool,
          spec: { name: pool, monitors: ['tcp'] },
        })),
        endpoint(first, 'a', primary(index)),
        endpoint(second, 'a', secondary(index)),
        { kind: 'loadBalancer', key: name, spec },
      ]
    }),
  ]
}
