/**
 * A latch: the tiers on which the answers of one load balancer stay after a failover. Kept by control from what nameservers
 * report, so that a new nameserver learns of it; changed by `fairlead failback` alone.
 */
import { z } from 'zod'
import { dnsNameOrWildcard, identifier } from './scalars.ts'

export const latchedTierSchema = z.strictObject({
  route: z.int().min(-1).max(255).describe("Index of the rule; -1: the policy's own tiers"),
  type: z.enum(['A', 'AAAA', 'CNAME']),
  pool: identifier.describe('The pool of the tier that answers stay on'),
})

export const latchSchema = z
  .strictObject({
    name: dnsNameOrWildcard.describe('The load balancer'),
    generation: z
      .int()
      .min(0)
      .describe('Grows with every failback: what was latched in an earlier generation is latched no more'),
    tiers: z.array(latchedTierSchema).max(1_000),
  })
  .meta({ id: 'Latch', description: 'Where the answers of a load balancer stay after a failover.' })

export type LatchedTier = z.output<typeof latchedTierSchema>
export type Latch = z.output<typeof latchSchema>
