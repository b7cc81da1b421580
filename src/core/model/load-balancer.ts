/** A load balancer: one steered DNS name, the policy that chooses, and what to do when nothing is healthy. */
import { z } from 'zod'
import { policySchema } from './policy.ts'
import { address, dnsName, dnsNameOrWildcard, port, ttlSec } from './scalars.ts'
import { budgetWindowSec } from './settings.ts'
import { share } from './share.ts'

export const whenDownSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('last-healthy') })
      .describe(
        'The likeliest to work: drained ones that are up, else those not known yet, else those that were up most recently, else all; none that is forced down while there is another.',
      ),
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
      .strictObject({
        kind: z.literal('cname'),
        target: dnsName.describe('Where clients are sent; not possible at the apex of a zone'),
      })
      .describe(
        'A CNAME to another name, such as that of another provider. While one family has eligible endpoints the other one answers as with last-healthy.',
      ),
    z
      .strictObject({ kind: z.literal('refuse') })
      .describe('SERVFAIL, so that resolvers ask another server or serve what they still hold (RFC 8767).'),
    z
      .strictObject({ kind: z.literal('empty') })
      .describe('No addresses (NODATA): clients fail at once. The only mode that answers with nothing.'),
  ])
  .meta({
    id: 'WhenDown',
    description:
      'What is answered when no endpoint of the load balancer is eligible, decided for IPv4 (A) and IPv6 (AAAA) apart. A disabled endpoint is never answered with: where all are disabled it is as if there were none.',
  })

const serviceBindingSchema = z
  .strictObject({
    type: z.enum(['HTTPS', 'SVCB']).default('HTTPS').describe('The record type'),
    priority: z.int().min(1).max(65_535).default(1).describe('The lowest is tried first'),
    alpn: z
      .array(
        z.string().regex(/^[A-Za-z0-9/.-]{1,64}$/, { error: "a protocol such as 'h2' or 'h3' is expected" }),
      )
      .max(16)
      .default([])
      .describe("Protocols that the endpoints speak, such as 'h2' and 'h3'"),
    port: port.optional().describe('Port of the service, where it is not the usual one'),
  })
  .describe(
    'A service binding beside the addresses (RFC 9460), with them as hints where they are the same for every client',
  )

export const loadBalancerSchema = z
  .strictObject({
    name: dnsNameOrWildcard.describe('The DNS name that is steered'),
    zone: dnsName.describe('Name of the zone that holds it'),
    ttlSec: ttlSec
      .default(30)
      .describe(
        'Time to live in calm times, in seconds. It is halved while any endpoint is not plainly up, and minTtlSec around a drain',
      ),
    minTtlSec: ttlSec.default(5).describe('The time to live is never shortened below this, in seconds'),
    policy: policySchema,
    whenDown: whenDownSchema.default({ kind: 'last-healthy' }),
    serviceBinding: serviceBindingSchema.optional(),
    withdrawalBudget: z
      .union([
        z.literal('off'),
        z.strictObject({ share, windowSec: budgetWindowSec.default(60).describe('Seconds') }),
      ])
      .optional()
      .describe(
        "What verdicts may take out of this load balancer's answers in a window of seconds; that of the settings if absent; 'off': no limit",
      ),
  })
  .meta({ id: 'LoadBalancer', description: 'One steered DNS name.' })

export type LoadBalancer = z.output<typeof loadBalancerSchema>
