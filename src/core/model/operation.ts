/** What overrides and drains have in common: what they are about, who made them, why, and until when. */
import { z } from 'zod'
import { IDENTIFIER_PATTERN as NAME } from './scalars.ts'

export const endpointName = z
  .string()
  .regex(new RegExp(`^${NAME}/${NAME}$`), { error: "an endpoint is named 'pool/endpoint'" })

export const drainTarget = z
  .string()
  .regex(new RegExp(`^(?:site/${NAME}|pool/${NAME}|endpoint/${NAME}/${NAME})$`), {
    error: "what is drained is named 'site/NAME', 'pool/NAME' or 'endpoint/POOL/NAME'",
  })
  .describe("What is drained: 'site/NAME', 'pool/NAME' or 'endpoint/POOL/NAME'")

export const operationReason = z.string().min(1).max(1_024).describe('Why, for whoever finds it later')

export const operationAuthor = z
  .string()
  .max(256)
  .default('')
  .describe('Who: control writes the name of the token, whatever is given')

export const expiresAtMs = z
  .int()
  .min(0)
  .optional()
  .describe('It ends by itself at this time, in ms since the epoch; never if absent')
