/** /v1/tokens: who may use the API. The token itself is shown once, when it is made, and is kept nowhere. */
import { z } from 'zod'

export const tokenSchema = z
  .object({
    id: z.string().describe('For DELETE /v1/tokens/{id}; no secret'),
    name: z.string(),
    createdAtMs: z.number().describe('Milliseconds since the epoch'),
  })
  .meta({ id: 'Token' })

export const tokenRequestSchema = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[\x20-\x7e]*$/, { error: 'printable ASCII is expected' })
      .describe('Who or what will use it; the author of the changes made with it'),
  })
  .meta({ id: 'TokenRequest' })

export const createdTokenSchema = tokenSchema
  .extend({
    token: z.string().describe('The secret: send it as `Authorization: Bearer <token>`. Shown only now.'),
  })
  .meta({ id: 'CreatedToken' })

export type Token = z.output<typeof tokenSchema>
export type CreatedToken = z.output<typeof createdTokenSchema>
