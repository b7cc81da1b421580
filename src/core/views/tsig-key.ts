/** /v1/tsig-keys: keys that are shared with other DNS servers. The secret is shown once, when the key is made. */
import { z } from 'zod'
import { tsigAlgorithm, tsigKeyName } from '../model/tsig-key.ts'

export const tsigKeyViewSchema = z
  .object({
    name: z.string(),
    algorithm: tsigAlgorithm,
    createdAtMs: z.number().describe('Milliseconds since the epoch'),
    zones: z.array(z.string()).describe('Zones that name it'),
  })
  .meta({ id: 'TsigKeyView' })

export const tsigKeyRequestSchema = z
  .strictObject({
    name: tsigKeyName,
    algorithm: tsigAlgorithm.default('hmac-sha256'),
    secret: z.string().max(1_024).optional().describe('Base64; made by control if absent'),
  })
  .meta({ id: 'TsigKeyRequest' })

export const createdTsigKeySchema = z
  .object({
    name: z.string(),
    algorithm: tsigAlgorithm,
    secret: z.string().describe('Base64: give it to the other server. Shown only now.'),
    revision: z.int(),
  })
  .meta({ id: 'CreatedTsigKey' })
