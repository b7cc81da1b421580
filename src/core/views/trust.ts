/** /v1/join-tokens, /v1/certificates, /v1/revocations: who may be a part of the cluster. */
import { z } from 'zod'
import { identifier } from '../model/scalars.ts'
import { servedName } from '../model/served-name.ts'

export const joinTokenRequestSchema = z
  .strictObject({
    role: z.enum(['checker', 'nameserver', 'control']),
    site: identifier.optional().describe('Of a checker or a nameserver'),
    name: identifier.describe('Of the node: its certificate will say so'),
    addresses: z
      .array(servedName)
      .max(32)
      .default([])
      .describe('Of a control: names and addresses at which its API is served'),
    expiresSec: z
      .int()
      .min(10)
      .max(7 * 86_400)
      .default(3_600)
      .describe('How long it can be used, once'),
  })
  .meta({ id: 'JoinTokenRequest' })

export const createdJoinTokenSchema = z
  .object({
    token: z.string().describe('The secret: for `fairlead join` on the node. Shown only now.'),
    identity: z.string().describe('What the certificate will say'),
    fingerprint: z.string().describe("SHA-256 of the authority's certificate"),
    expiresAtMs: z.number().describe('Milliseconds since the epoch'),
  })
  .meta({ id: 'CreatedJoinToken' })

export const joinTokenViewSchema = z
  .object({
    id: z.string(),
    identity: z.string().describe('What the certificate will say'),
    createdAtMs: z.number().describe('Milliseconds since the epoch'),
    expiresAtMs: z.number().describe('Milliseconds since the epoch'),
    state: z
      .enum(['open', 'used', 'expired'])
      .describe('open: somebody can still join by it; expired: also one that was revoked'),
  })
  .meta({ id: 'JoinToken' })

export const certificateViewSchema = z
  .object({
    serial: z.string().describe('Hexadecimal'),
    identity: z.string().describe("'' for one that was not made here"),
    issuedAtMs: z.number().describe('Milliseconds since the epoch'),
    notAfterMs: z.number().describe('Milliseconds since the epoch'),
    revokedAtMs: z.number().nullable().describe('Milliseconds since the epoch; null: it is good'),
  })
  .meta({ id: 'Certificate' })

export const revocationViewSchema = z
  .object({
    revoked: z.array(certificateViewSchema),
    joinTokens: z.number().default(0).describe('Open join tokens of the identity, which ended with it'),
  })
  .meta({ id: 'RevocationView' })

export const revocationRequestSchema = z
  .strictObject({
    which: z
      .string()
      .max(400)
      .regex(/^(?:(?:[0-9A-Fa-f]{2}:?){1,32}|fairlead:\/\/[\x21-\x7e]+)$/, {
        error: 'a serial in hexadecimal, or an identity such as fairlead://checker/ams/ams-1, is expected',
      })
      .describe('Serial of a certificate, or an identity: all its certificates and its open join tokens'),
    unknown: z.boolean().default(false).describe('Also a serial of a certificate that was not made here'),
  })
  .meta({ id: 'RevocationRequest' })

export type JoinTokenRequest = z.output<typeof joinTokenRequestSchema>
export type CreatedJoinToken = z.output<typeof createdJoinTokenSchema>
export type JoinTokenView = z.output<typeof joinTokenViewSchema>
export type CertificateView = z.output<typeof certificateViewSchema>
