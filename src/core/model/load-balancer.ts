/** A load balancer: one steered DNS name, the policy that chooses, and what to do when nothing is healthy. */
import { z } from 'zod'
import { address, dnsName, dnsNameOrWildcard, identifier, ttlSec } from './scalars.ts'

const maxAnswers = z
  .int()
  .min(1)
  .max(64)
  .optional()
  .describe(
    'At most so many endpoints in one answer, also when none is eligible. Without it 1000: more addresses may not fit into a DNS message',
  )

export const minHealthySchema = z
  .union([
    z.int().min(1).max(100_000),
    z
      .string()
      .regex(/^(?:100|[1-9]?\d)%$/, { error: "a count such as 2 or a share such as '50%' is expected" }),
  ])
  .describe(
    "How many endpoints (2) or which share ('50%') must be eligible for the tier to count as up; counted for IPv4 (A) and IPv6 (AAAA) apart. A share is one of the endpoints that are enabled and no longer unknown",
  )

const poolList = z
  .array(identifier)
  .min(1)
  .max(64)
  .describe('Names of the pools whose endpoints are answered with')

export const policySchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('failover'),
        tiers: z
          .array(
            z.strictObject({
              pool: identifier.describe('Name of the pool'),
              minHealthy: minHealthySchema.default(1),
            }),
          )
          .min(1)
          .max(64)
          .describe('In order of preference: the first tier with enough healthy endpoints answers'),
        maxAnswers,
      })
      .describe('Tiers in order: the first one with enough healthy endpoints answers with all of them.'),
    z
      .strictObject({ kind: z.literal('all'), pools: poolList, maxAnswers })
      .describe('Every eligible endpoint is in the answer.'),
    z
      .strictObject({ kind: z.literal('weighted'), pools: poolList })
      .describe('Each query gets one eligible endpoint, in proportion to the weights.'),
  ])
  .meta({ id: 'Policy', description: 'How the answer is chosen among the eligible endpoints.' })

export const whenDownSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('last-healthy') })
      .describe('The endpoints that were up most recently; all of them where none ever was.'),
    z.strictObject({ kind: z.literal('all') }).describe('All endpoints that are not disabled.'),
    z
      .strictObject({
        kind: z.literal('fixed'),
        addresses: z
          .array(address)
          .min(1)
          .max(64)
          .describe('Addresses to answer with, IPv4 for A and IPv6 for AAAA'),
      })
      .describe(
        'Addresses that are written here, such as those of a page that says sorry. Of a family that none of them has nothing is answered (NODATA).',
      ),
    z
      .strictObject({ kind: z.literal('refuse') })
      .describe('SERVFAIL, so that resolvers ask another server or serve what they still hold (RFC 8767).'),
  ])
  .meta({
    id: 'WhenDown',
    description:
      'What is answered when no endpoint of the load balancer is eligible, decided for IPv4 (A) and IPv6 (AAAA) apart. A disabled endpoint is never answered with: where all are disabled it is as if there were none.',
  })

export const loadBalancerSchema = z
  .strictObject({
    name: dnsNameOrWildcard.describe('The DNS name that is steered'),
    zone: dnsName.describe('Name of the zone that holds it'),
    ttlSec: ttlSec.default(30),
    policy: policySchema,
    whenDown: whenDownSchema.default({ kind: 'last-healthy' }),
  })
  .meta({ id: 'LoadBalancer', description: 'One steered DNS name.' })

export type LoadBalancer = z.output<typeof loadBalancerSchema>
export type Policy = z.output<typeof policySchema>
export type MinHealthy = z.output<typeof minHealthySchema>
