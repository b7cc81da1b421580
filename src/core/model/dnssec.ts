/**
 * DNSSEC of a zone: what its operator asks for, and the keys that control makes and keeps for it.
 * What must stay true: a private key stands here only sealed (ports/key-vault.ts); how a rollover goes is in ../dnssec.
 */
import { z } from 'zod'
import { address, dnsName } from './scalars.ts'

/** Those that RFC 8624 lets new zones be signed with and PowerDNS 4.7 of Debian can sign with, by number. */
export const DNSSEC_ALGORITHMS = {
  8: 'RSASHA256',
  13: 'ECDSAP256SHA256',
  14: 'ECDSAP384SHA384',
  15: 'ED25519',
} as const
export type DnssecAlgorithm = keyof typeof DNSSEC_ALGORITHMS

const algorithm = z.literal([8, 13, 14, 15], {
  error: 'one of 8 (RSASHA256), 13 (ECDSAP256SHA256), 14 (ECDSAP384SHA384), 15 (ED25519) is expected',
})

const seconds = (max: number) => z.int().min(0).max(max)

export const dnssecSchema = z
  .strictObject({
    algorithm: algorithm
      .default(13)
      .describe('Number of the algorithm of the keys: 8, 13, 14 or 15 (RFC 8624)'),
    keys: z
      .enum(['csk', 'ksk-zsk'])
      .default('csk')
      .describe('One key for everything, or a key-signing key above a zone-signing key'),
    denial: z
      .enum(['nsec', 'nsec3'])
      .default('nsec')
      .describe('Proof that a name is not there; NSEC3 without salt, with 0 iterations (RFC 9276)'),
    parentServers: z
      .array(z.strictObject({ address, port: z.int().min(1).max(65_535).default(53) }))
      .max(16)
      .optional()
      .describe(
        "Name servers of the parent zone, asked for the DS; found through the system's resolver if absent; none ([]): there is no parent to ask",
      ),
    propagationSec: seconds(86_400)
      .default(300)
      .describe(
        'Added to every time to live that a rollover waits for: until all servers of the zone are current',
      ),
    parentPropagationSec: seconds(604_800)
      .default(3_600)
      .describe("The same for the parent's servers and its DS"),
  })
  .meta({ id: 'Dnssec', description: 'How a zone is signed.' })

export const signingKeySchema = z.strictObject({
  tag: z.int().min(0).max(65_535).describe('Key tag (RFC 4034 appendix B); unique within the zone'),
  algorithm,
  role: z.enum(['csk', 'ksk', 'zsk']),
  published: z.boolean().describe('It stands in the DNSKEY record set'),
  active: z.boolean().describe('It signs'),
  createdAtMs: z.int().min(0),
  publicKey: z.base64().describe('As in the DNSKEY record (RFC 4034 2.1.4)'),
  sealed: z.string().max(16_384).describe('The private key, encrypted with the key-encryption key'),
})

/** `signing` comes before `introduced` where the algorithm changes, `withdrawing` after `at-parent`. */
export const ROLLOVER_STEPS = ['signing', 'introduced', 'switched', 'at-parent', 'withdrawing'] as const

export const rolloverSchema = z.strictObject({
  kind: z.enum(['csk', 'ksk', 'zsk', 'algorithm']),
  step: z.enum(ROLLOVER_STEPS),
  sinceMs: z.int().min(0).describe('When the step was taken'),
  revision: z.int().min(0).describe('Revision that took it'),
  incoming: z.array(z.int()).min(1).max(2).describe('Tags of the keys that come'),
  retiring: z.array(z.int()).min(1).max(2).describe('Tags of the keys that go'),
  dsTtlSec: z.int().min(0).optional().describe("Time to live of the parent's DS, once it was seen"),
})

export const signingKeysSchema = z
  .strictObject({
    name: dnsName.describe('The zone'),
    keys: z.array(signingKeySchema).min(1).max(4),
    rollover: rolloverSchema.optional(),
  })
  .meta({ id: 'SigningKeys', description: 'The keys of a signed zone, as control keeps them.' })

export type Dnssec = z.output<typeof dnssecSchema>
export type SigningKey = z.output<typeof signingKeySchema>
export type KeyRole = SigningKey['role']
export type Rollover = z.output<typeof rolloverSchema>
export type SigningKeys = z.output<typeof signingKeysSchema>

/** RFC 4034 2.1.1: zone key, and secure entry point where a DS points to it. */
export function flagsOf({ role }: Pick<SigningKey, 'role'>): 256 | 257 {
  return role === 'zsk' ? 256 : 257
}
