/** A signed zone as the API shows it: its keys, the DS for the parent, and how far a rollover has come. */
import { z } from 'zod'
import { ROLLOVER_STEPS } from '../model/dnssec.ts'

const timeMs = z.number().describe('Milliseconds since the epoch')

export const dnssecViewSchema = z
  .object({
    zone: z.string(),
    algorithm: z.int().describe('That new keys get'),
    denial: z.enum(['nsec', 'nsec3']),
    keys: z.array(
      z.object({
        tag: z.int().describe('RFC 4034, appendix B'),
        role: z.enum(['csk', 'ksk', 'zsk']),
        algorithm: z.int().describe('Number in the registry of DNSSEC algorithms'),
        published: z.boolean().describe('It stands in the DNSKEY record set'),
        active: z.boolean().describe('It signs'),
        createdAtMs: timeMs,
        dnskey: z.string().describe('Data of its DNSKEY record'),
        ds: z.array(z.string()).describe('Data of its DS records, for the parent; empty for a zsk'),
        atParent: z
          .boolean()
          .nullable()
          .describe('All servers of the parent give one of its DS; null: not known, or not asked'),
      }),
    ),
    ds: z.array(z.string()).describe('DS records that the parent is to have, as lines of a zone file'),
    rollover: z
      .object({
        kind: z.enum(['csk', 'ksk', 'zsk', 'algorithm']),
        step: z.enum(ROLLOVER_STEPS),
        sinceMs: timeMs,
        dueMs: timeMs.describe('The next step is not taken before'),
        incoming: z.array(z.int()),
        retiring: z.array(z.int()),
      })
      .nullable()
      .describe('null: none is under way'),
    parent: z
      .object({
        servers: z.array(z.object({ server: z.string(), ds: z.array(z.string()) })),
        ttlSec: z.number().nullable().describe('Of the DS records there, in seconds; null: not known'),
        problem: z.string().nullable().describe('Why it is not known what the parent has'),
      })
      .nullable()
      .describe('null: not asked, or there is none to ask'),
    next: z.string().describe('What to do next, in words'),
  })
  .meta({ id: 'DnssecView' })

export const rollRequestSchema = z
  .strictObject({
    key: z.enum(['csk', 'ksk', 'zsk']).optional().describe('Which key; not needed where the zone has one'),
    action: z
      .enum(['step', 'cancel'])
      .default('step')
      .describe('step: begin, or take the next step; cancel: back to the keys before'),
    dsIsAtParent: z
      .boolean()
      .default(false)
      .describe('You have seen to the DS yourself: for zones whose dnssec.parentServers is empty'),
  })
  .meta({ id: 'RollRequest' })

export const rollOutcomeSchema = z
  .object({
    revision: z.int(),
    done: z.boolean().describe('The rollover has ended'),
    dnssec: dnssecViewSchema,
  })
  .meta({ id: 'RollOutcome' })

export type DnssecView = z.output<typeof dnssecViewSchema>
