/** /v1/login: an API token for an ID token of the identity provider. */
import { z } from 'zod'
import { createdTokenSchema } from './token.ts'

export const loginRequestSchema = z
  .strictObject({
    idToken: z
      .string()
      .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/, { error: 'an ID token is expected: a signed JWT' })
      .max(65_536)
      .optional()
      .describe('Of the provider, for the client id of this control. Absent: the reply names both'),
    nonceKey: z
      .string()
      .regex(/^[\w-]{43,200}$/, {
        error: 'the key of the nonce is expected: 32 bytes by chance, in base64url',
      })
      .optional()
      .describe(
        "What the nonce of the ID token was made with: base64url(SHA-256('fairlead login', line feed, this, line feed, origin of this API))",
      ),
    lifeSec: z
      .int()
      .min(60)
      .optional()
      .describe(
        'The token is to be good for so long; never longer than the control has it, which is the default',
      ),
  })
  .meta({ id: 'LoginRequest' })

export const loginProviderSchema = z
  .object({
    issuer: z.string().describe('Of the identity provider, for its discovery'),
    clientId: z.string().describe('Of this Fairlead there: a public client'),
    scopes: z.array(z.string()).describe('To ask it for'),
  })
  .meta({ id: 'LoginProvider', description: 'Where an ID token is to be had.' })

export const loginSchema = createdTokenSchema.meta({
  id: 'Login',
  description: 'The token of somebody who logged in. Its end cannot be put off: log in again.',
})

export type LoginProvider = z.output<typeof loginProviderSchema>
