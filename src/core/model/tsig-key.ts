/**
 * A TSIG key (RFC 8945): shared with a DNS server that somebody else runs. Made by control, named by zones.
 * What must stay true: its secret stands here only sealed (ports/key-vault.ts), and is shown once, when the key is made.
 */
import { z } from 'zod'
import { dnsName } from './scalars.ts'

/** Those of RFC 8945 table 3 that it does not advise against. */
export const TSIG_ALGORITHMS = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const

export const tsigKeyName = dnsName.describe('Name of the key: the same at the other server')

export const tsigAlgorithm = z.enum(TSIG_ALGORITHMS)

export const tsigKeySchema = z
  .strictObject({
    name: tsigKeyName,
    algorithm: tsigAlgorithm,
    createdAtMs: z.int().min(0),
    sealed: z.string().max(4_096).describe('The secret, encrypted with the key-encryption key'),
  })
  .meta({ id: 'TsigKey', description: 'A key that is shared with another DNS server.' })

export type TsigKey = z.output<typeof tsigKeySchema>

/** What its secret is sealed for. */
export function tsigPurpose(name: string): string {
  return `tsig ${name}`
}
