/** /v1/tokens: who may use the API, and for what. The token itself is shown once, when it is made, and is kept nowhere. */
import { z } from 'zod'
import { roleSchema, scopeMisfit, scopeSchema } from '../access/access.ts'

const expiresAtMs = z
  .number()
  .nullable()
  .describe('It is refused from this time on, in ms since the epoch; null: it does not expire')

/** Until when it is to be good: not later than year 2286, so that seconds are never taken for milliseconds. */
const endOfToken = z
  .int()
  .min(1_000_000_000_000, { error: 'milliseconds since the epoch are expected' })
  .max(9_999_999_999_999)
  .optional()

const about = {
  id: z.string().describe('For DELETE /v1/tokens/{id}; no secret'),
  name: z.string(),
  createdAtMs: z.number().describe('Milliseconds since the epoch'),
  role: roleSchema,
  scope: scopeSchema.optional().describe('Absent: everything'),
  expiresAtMs,
}

export const tokenSchema = z.object(about).meta({ id: 'Token' })

export const tokenRequestSchema = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, {
        error:
          'printable ASCII is expected, with single spaces between words: two names must not look the same',
      })
      .refine((name) => !/^fairlead(?![\w.-])/i.test(name), {
        error: "'fairlead' is the name under which a control itself stands in the history",
      })
      .describe('Who or what will use it; the author of the changes made with it'),
    role: roleSchema.default('viewer'),
    scope: scopeSchema.optional().describe('What the role is for; everything if absent'),
    expiresAtMs: endOfToken.describe('Its end, in ms since the epoch; it does not expire if absent'),
  })
  .check(({ value, issues }) => {
    const message = value.scope === undefined ? null : scopeMisfit(value.role)
    if (message !== null)
      issues.push({ code: 'custom', path: ['scope'], message, input: value.scope, continue: true })
  })
  .meta({ id: 'TokenRequest' })

export const tokenRotationSchema = z
  .strictObject({
    graceSec: z
      .int()
      .min(0)
      .max(2_592_000)
      .default(0)
      .describe('For so long the old one is still good, so that it can be replaced where it is used'),
    expiresAtMs: endOfToken.describe(
      'End of the new one; if absent it lives as long as the old one was made for',
    ),
  })
  .meta({ id: 'TokenRotation' })

export const createdTokenSchema = z
  .object({
    ...about,
    token: z.string().describe('The secret: send it as `Authorization: Bearer <token>`. Shown only now.'),
  })
  .meta({ id: 'CreatedToken' })

export const whoAmISchema = z
  .object({ name: z.string(), role: roleSchema, scope: about.scope, expiresAtMs })
  .meta({ id: 'WhoAmI', description: 'Whose token the request came with, and what it may do.' })

export type WhoAmI = z.output<typeof whoAmISchema>
export type Token = z.output<typeof tokenSchema>
export type TokenRequest = z.output<typeof tokenRequestSchema>
export type CreatedToken = z.output<typeof createdTokenSchema>
