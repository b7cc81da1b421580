/** The schema of each kind of resource: for whoever takes resources from a disk or a wire. */
import type { z } from 'zod'
import { budgetReleaseSchema } from './budget-release.ts'
import { signingKeysSchema } from './dnssec.ts'
import { clientMapSchema } from './client-map.ts'
import { drainSchema } from './drain.ts'
import { latchSchema } from './latch.ts'
import { loadBalancerSchema } from './load-balancer.ts'
import { monitorSchema } from './monitor.ts'
import { overrideSchema } from './override.ts'
import { endpointSchema, poolBaseSchema } from './pool.ts'
import { protectionSchema } from './protection.ts'
import type { Kind } from './resource.ts'
import { ruleSchema } from './rule.ts'
import { settingsSchema } from './settings.ts'
import { siteSchema } from './site.ts'
import { tsigKeySchema } from './tsig-key.ts'
import { zoneSchema } from './zone.ts'

export const RESOURCE_SCHEMAS = {
  settings: settingsSchema,
  site: siteSchema,
  zone: zoneSchema,
  monitor: monitorSchema,
  pool: poolBaseSchema,
  endpoint: endpointSchema,
  clientMap: clientMapSchema,
  loadBalancer: loadBalancerSchema,
  override: overrideSchema,
  drain: drainSchema,
  rule: ruleSchema,
  protection: protectionSchema,
  latch: latchSchema,
  budgetRelease: budgetReleaseSchema,
  signingKeys: signingKeysSchema,
  tsigKey: tsigKeySchema,
} as const satisfies Record<Kind, z.ZodType>
