/** The collections of the API: which kind stands under which path, under which names and with which schema. */
import { z } from 'zod'
import { clientMapSchema } from '../../core/model/client-map.ts'
import { drainSchema } from '../../core/model/drain.ts'
import { loadBalancerSchema } from '../../core/model/load-balancer.ts'
import { monitorSchema } from '../../core/model/monitor.ts'
import { drainTarget, endpointName } from '../../core/model/operation.ts'
import { overrideSchema } from '../../core/model/override.ts'
import { endpointSchema, poolSchema } from '../../core/model/pool.ts'
import { protectionSchema, protectionTarget } from '../../core/model/protection.ts'
import { endpointKey, type Kind } from '../../core/model/resource.ts'
import { dnsName, dnsNameOrWildcard, identifier } from '../../core/model/scalars.ts'
import { ruleSchema } from '../../core/model/rule.ts'
import { settingsSchema, SETTINGS_KEY } from '../../core/model/settings.ts'
import { siteSchema } from '../../core/model/site.ts'
import { zoneSchema } from '../../core/model/zone.ts'
import { DEFAULT_BODY_LIMIT } from '../body-limits.ts'

export interface Collection {
  readonly kind: Kind
  /** For sentences and OpenAPI. */
  readonly tag: string
  readonly path: string
  readonly schema: z.ZodType
  /** Parameters of the list's path. */
  readonly listParams: z.ZodObject
  /** Parameters of a resource's path: those of the list, and `name`. */
  readonly params: z.ZodObject
  readonly bodyLimit: number
  /** There is one of it, under the path itself. */
  readonly isSingle?: true
}

/** Where one resource stands. */
export function itemPath({ path, isSingle }: Collection): string {
  return isSingle ? path : `${path}/:name`
}

export interface PathNames {
  /** Absent for what there is one of. */
  readonly name?: string
  readonly pool?: string
}

const LARGE_BODY = 10 * DEFAULT_BODY_LIMIT
const none = z.object({})

const inPool = z.object({ pool: identifier })

export const COLLECTIONS: readonly Collection[] = [
  {
    kind: 'settings',
    tag: 'settings',
    path: '/v1/settings',
    schema: settingsSchema,
    listParams: none,
    params: none,
    bodyLimit: DEFAULT_BODY_LIMIT,
    isSingle: true,
  },
  collection({ kind: 'site', tag: 'sites', schema: siteSchema, name: identifier }),
  collection({ kind: 'zone', tag: 'zones', schema: zoneSchema, name: dnsName, bodyLimit: LARGE_BODY }),
  collection({ kind: 'monitor', tag: 'monitors', schema: monitorSchema, name: identifier }),
  collection({ kind: 'pool', tag: 'pools', schema: poolSchema, name: identifier, bodyLimit: LARGE_BODY }),
  collection({
    kind: 'clientMap',
    tag: 'client-maps',
    schema: clientMapSchema,
    name: identifier,
    bodyLimit: LARGE_BODY,
  }),
  collection({
    kind: 'loadBalancer',
    tag: 'load-balancers',
    schema: loadBalancerSchema,
    name: dnsNameOrWildcard,
  }),
  collection({ kind: 'override', tag: 'overrides', schema: overrideSchema, name: endpointName }),
  collection({ kind: 'drain', tag: 'drains', schema: drainSchema, name: drainTarget }),
  collection({ kind: 'rule', tag: 'rules', schema: ruleSchema, name: identifier }),
  collection({ kind: 'protection', tag: 'protections', schema: protectionSchema, name: protectionTarget }),
  {
    kind: 'endpoint',
    tag: 'endpoints',
    path: '/v1/pools/:pool/endpoints',
    schema: endpointSchema,
    listParams: inPool,
    params: inPool.extend({ name: identifier }),
    bodyLimit: DEFAULT_BODY_LIMIT,
  },
]

export function keyOf({ name = SETTINGS_KEY, pool }: PathNames): string {
  return pool === undefined ? name : endpointKey(pool, name)
}

function collection(one: {
  readonly kind: Kind
  readonly tag: string
  readonly schema: z.ZodType
  readonly name: z.ZodType
  readonly bodyLimit?: number
}): Collection {
  const { kind, tag, schema, name, bodyLimit = DEFAULT_BODY_LIMIT } = one
  return { kind, tag, path: `/v1/${tag}`, schema, listParams: none, params: z.object({ name }), bodyLimit }
}
