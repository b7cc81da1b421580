/** /v1/authorities: the authorities of the cluster, and the steps by which one takes the place of another. */
import { z } from 'zod'
import { operationReason } from '../model/operation.ts'

const pem = z.string().min(1).max(16_384)
const identities = z.array(z.string())

export const authorityViewSchema = z
  .object({
    fingerprint: z.string().describe('SHA-256 of its certificate'),
    state: z
      .enum(['current', 'next', 'retiring'])
      .describe(
        'The current one signs; the next one is to be believed before it does; the retiring one still is',
      ),
    createdAtMs: z.number().describe('Milliseconds since the epoch'),
    notAfterMs: z.number().describe('Milliseconds since the epoch'),
    certificates: z.number().describe('How many certificates that live it has signed'),
    heldBy: identities.describe(
      'Identities that come with a certificate of it: it is not retired before there is none',
    ),
    unknownTo: identities.describe(
      'Identities that do not have it yet: it is not promoted before there is none',
    ),
  })
  .meta({ id: 'Authority' })

export const newAuthoritySchema = z
  .strictObject({
    certificate: pem.optional().describe('PEM, of an authority of your own; absent: one is made'),
    key: pem.optional().describe('PEM: its key, which is sealed in the store'),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    error: 'the certificate and the key go together',
  })
  .meta({ id: 'NewAuthority' })

export const authorityStepSchema = z
  .strictObject({
    action: z
      .enum(['promote', 'retire', 'abandon'])
      .describe(
        'The next one signs; the retiring one is believed no more; the next one is dropped before it signs',
      ),
    force: operationReason
      .optional()
      .describe('Though somebody is not ready: who that is, and why, is kept in the audit log'),
  })
  .meta({ id: 'AuthorityStep' })

export type AuthorityView = z.output<typeof authorityViewSchema>
