/** The schema of each kind of resource: for whoever takes resources from a disk or a wire. */
import type { z } from 'zod'
import { loadBalancerSchema } from './load-balancer.ts'
import { monitorSchema } from './monitor.ts'
import { endpointSchema, poolBaseSchema } from './pool.ts'
import type { Kind } from './resource.ts'
import { siteSchema } from './site.ts'
import { zoneSchema } from './zone.ts'

export const RESOURCE_SCHEMAS = {
  site: siteSchema,
  zone: zoneSchema,
  monitor: monitorSchema,
  pool: poolBaseSchema,
  endpoint: endpointSchema,
  loadBalancer: loadBalancerSchema,
} as const satisfies Record<Kind, z.ZodType>
