/** A pool: a set of endpoints with the monitors that judge them. */
import { z } from 'zod'
import { address, addressOrHostname, identifier, port } from './scalars.ts'

export const endpointSchema = z
  .strictObject({
    name: identifier,
    address: addressOrHostname.describe(
      'The IPv4 or IPv6 address that DNS answers with; or a host name, answered as a CNAME',
    ),
    port: port.describe('The port that is checked, unless `check.port` or the monitor names another'),
    site: identifier.describe('Name of the site that the endpoint stands in'),
    weight: z.int().min(0).max(65_535).default(1).describe('Share of the answers under a weighted policy'),
    enabled: z
      .boolean()
      .default(true)
      .describe('False takes the endpoint out of every answer, also when no other is left'),
    check: z
      .strictObject({
        address: address.optional().describe('Probe this address instead of the served one'),
        port: port.optional().describe('Probe this port instead of the served one'),
      })
      .optional()
      .describe('Where to probe, when that is not where clients are sent'),
  })
  .meta({ id: 'Endpoint', description: 'One target that a load balancer can answer with.' })

/** A pool without its endpoints, as it is kept: endpoints are resources of their own. */
export const poolBaseSchema = z.strictObject({
  name: identifier,
  monitors: z
    .array(identifier)
    .max(16)
    .default([])
    .describe('Names of the monitors; an endpoint is up when all of them say so. None: always eligible.'),
  pools: z
    .array(identifier)
    .max(64)
    .optional()
    .describe(
      'Names of pools whose endpoints belong to this one too, each judged by the monitors of its own pool',
    ),
  rampSec: z
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe(
      'Over so many seconds the weight of an endpoint that came back grows to its own; at once if absent',
    ),
})

/** A pool as it is written in files and at the API: its endpoints inside it. */
export const poolSchema = poolBaseSchema
  .extend({
    endpoints: z.array(endpointSchema).max(100_000).default([]).describe('The endpoints of the pool'),
  })
  .meta({ id: 'Pool', description: 'A set of endpoints with their monitors.' })

export type Endpoint = z.output<typeof endpointSchema>
export type PoolBase = z.output<typeof poolBaseSchema>
export type Pool = z.output<typeof poolSchema>
