/** A zone: a DNS zone that Fairlead serves, with its SOA, name servers and static records. */
import { z } from 'zod'
import { isWithin, parseName } from '../dns/name.ts'
import { parseAddress } from '../net/address.ts'
import { dnssecSchema } from './dnssec.ts'
import { transfersSchema, updatesSchema } from './transfers.ts'
import { canonicalString, dnsName, ttlSec } from './scalars.ts'

const recordTtl = ttlSec.optional().describe("Time to live in seconds; the zone's ttlSec if absent")

const recordName = z
  .string()
  .min(1)
  .max(1_024)
  .describe("Relative to the zone ('www'), or '@' for the zone itself, or absolute with a trailing dot")

const addressOf = (family: 4 | 6) =>
  canonicalString((text) => {
    const parsed = parseAddress(text)
    if (parsed.kind === 'fault') return parsed
    if (parsed.address.family === family) return { kind: 'name', name: parsed.address.text }
    return {
      kind: 'fault',
      message: `'${parsed.address.text}' is IPv${family === 4 ? 6 : 4}: this record holds IPv${family} addresses`,
    }
  }).describe(`An IPv${family} address`)

const values = <T extends z.ZodType>(schema: T) => z.array(schema).min(1).max(1_000)
const uint16 = z.int().min(0).max(65_535)

export const staticRecordSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      name: recordName,
      type: z.literal('A'),
      ttlSec: recordTtl,
      values: values(addressOf(4)),
    }),
    z.strictObject({
      name: recordName,
      type: z.literal('AAAA'),
      ttlSec: recordTtl,
      values: values(addressOf(6)),
    }),
    z.strictObject({
      name: recordName,
      type: z.literal('CNAME'),
      ttlSec: recordTtl,
      values: z.array(dnsName).length(1),
    }),
    z.strictObject({ name: recordName, type: z.literal('NS'), ttlSec: recordTtl, values: values(dnsName) }),
    z.strictObject({
      name: recordName,
      type: z.literal('TXT'),
      ttlSec: recordTtl,
      values: values(
        z
          .string()
          .max(16_000)
          .regex(/^[\x20-\x7e]*$/, { error: 'printable ASCII is expected' })
          .describe('Text; longer than 255 characters is split into strings of one record'),
      ),
    }),
    z.strictObject({
      name: recordName,
      type: z.literal('MX'),
      ttlSec: recordTtl,
      values: values(
        z.strictObject({ preference: uint16.describe('The lowest is tried first'), exchange: dnsName }),
      ),
    }),
    z.strictObject({
      name: recordName,
      type: z.literal('SRV'),
      ttlSec: recordTtl,
      values: values(
        z.strictObject({
          priority: uint16.describe('The lowest is tried first'),
          weight: uint16.describe('Share among those of one priority'),
          port: uint16.describe('Port of the service'),
          target: dnsName,
        }),
      ),
    }),
    z.strictObject({
      name: recordName,
      type: z.literal('CAA'),
      ttlSec: recordTtl,
      values: values(
        z.strictObject({
          flags: z.int().min(0).max(255).default(0).describe('128: critical'),
          tag: z
            .string()
            .regex(/^[a-z0-9]{1,15}$/, { error: "a tag such as 'issue' is expected (RFC 8659)" })
            .describe('The property, such as issue (RFC 8659)'),
          value: z
            .string()
            .max(1_024)
            .regex(/^[\x20-\x7e]*$/, { error: 'printable ASCII is expected' })
            .describe('The value of the property'),
        }),
      ),
    }),
    z.strictObject({
      name: recordName,
      type: z.literal('DS'),
      ttlSec: recordTtl,
      values: values(
        z.strictObject({
          keyTag: uint16.describe("Tag of the child zone's key"),
          algorithm: z.int().min(1).max(255).describe('Number of its algorithm'),
          digestType: z.int().min(1).max(255).describe('2: SHA-256, 4: SHA-384'),
          digest: z
            .string()
            .max(1_024)
            .toLowerCase()
            .regex(/^(?:[0-9a-f]{2})+$/, { error: 'pairs of hexadecimal digits are expected' })
            .describe('The digest, in hexadecimal'),
        }),
      ),
    }),
  ])
  .meta({ id: 'StaticRecord', description: 'A record set that does not depend on health.' })

const soaSeconds = (fallback: number, meaning: string) =>
  z.int().min(1).max(2_147_483_647).default(fallback).describe(`${meaning}, in seconds (RFC 1035, RFC 2308)`)

export const zoneSchema = z
  .strictObject({
    name: dnsName.describe('The name of the zone'),
    ttlSec: ttlSec.default(300).describe('Time to live of static records that name none, in seconds'),
    nameservers: z.array(dnsName).min(1).max(16).describe('The NS records of the zone itself'),
    soa: z
      .strictObject({
        contact: dnsName
          .optional()
          .describe("The RNAME: the contact's mailbox as a name; hostmaster.<zone> if absent"),
        refreshSec: soaSeconds(3_600, 'How often a secondary asks for the serial'),
        retrySec: soaSeconds(600, 'How soon a secondary asks again'),
        expireSec: soaSeconds(1_209_600, 'When a secondary stops answering'),
        negativeTtlSec: z
          .int()
          .min(0)
          .max(86_400)
          .default(30)
          .describe('How long resolvers keep "no such name", in seconds (RFC 2308)'),
      })
      .prefault({})
      .describe('The SOA record; Fairlead gives the serial'),
    dnssec: dnssecSchema
      .optional()
      .describe('Sign the zone, with keys that control makes; not signed if absent'),
    transfers: transfersSchema.optional().describe('Servers of others that get the zone by transfer'),
    updates: updatesSchema
      .optional()
      .describe('Servers of others that hold a zone of this name, into which load balancers are published'),
    records: z
      .array(staticRecordSchema)
      .max(100_000)
      .default([])
      .describe('Record sets that do not depend on health'),
  })
  .superRefine(
    (zone, context) => {
      // Its RNAME would be no DNS name, and the zone could not be written.
      const contact = `hostmaster.${zone.name}`
      if (contact.length > 253 && (zone.soa as Partial<Zone['soa']> | undefined)?.contact === undefined)
        context.addIssue({
          code: 'custom',
          path: ['name'],
          message: `'hostmaster.' before this name has more than the 253 characters of a DNS name: give soa.contact`,
          continue: true,
        })
      for (const [index, record] of zone.records.entries()) {
        if (typeof (record as Partial<StaticRecord> | null)?.name !== 'string') continue
        const canonical = canonicalRecordName(record.name, zone.name)
        if (canonical.kind === 'name') record.name = canonical.name
        else
          context.addIssue({
            code: 'custom',
            path: ['records', index, 'name'],
            message: canonical.message,
            continue: true,
          })
      }
    },
    // Also where something else is wrong, so that all faults come at once; but not below a zone whose name is no name.
    {
      when: ({ value }) => {
        const { name, records } = (value ?? {}) as Partial<Record<'name' | 'records', unknown>>
        return typeof name === 'string' && parseName(name).kind === 'name' && Array.isArray(records)
      },
    },
  )
  .meta({ id: 'Zone', description: 'A DNS zone that Fairlead serves.' })

export type Zone = z.output<typeof zoneSchema>
export type StaticRecord = z.output<typeof staticRecordSchema>

/** 'www', '@' or 'www.example.test.' to the relative form that is kept. */
function canonicalRecordName(
  text: string,
  zone: string,
): { kind: 'name'; name: string } | { kind: 'fault'; message: string } {
  if (text === '@') return { kind: 'name', name: '@' }
  const parsed = parseName(text, { wildcard: true })
  const name = parsed.kind === 'name' ? parsed.name : text === '*' ? '*' : null
  if (name === null) return parsed
  const below = name === zone ? '@' : name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : null
  if (text.endsWith('.')) {
    if (below === null) return { kind: 'fault', message: `'${name}.' is not in the zone ${zone}` }
    // Its relative form would be refused below when it is read again: what is kept must be able to be written.
    if (isWithin(below, zone))
      return { kind: 'fault', message: `'${name}.' holds the name of the zone twice: is one too many?` }
    return { kind: 'name', name: below }
  }
  if (below !== null)
    return {
      kind: 'fault',
      message: `names here are relative to the zone: write '${below}', or '${name}.' with a dot at the end`,
    }
  if (name.length + 1 + zone.length > 253)
    return {
      kind: 'fault',
      message: `'${name}' is too long below the zone: a DNS name has at most 253 characters`,
    }
  return { kind: 'name', name }
}
