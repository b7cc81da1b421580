/** The offer of a control whom to believe, as it crosses the wire: bounded. */
import { z } from 'zod'

const fingerprint = z.string().regex(/^[0-9a-f]{64}$/)

export const authorityOfferSchema = z.object({
  version: z.int().min(0),
  authorities: z
    .array(
      z.object({
        certificate: z.string().max(16_384),
        endorsements: z.array(z.object({ by: fingerprint, signature: z.string().max(2_048) })).max(16),
      }),
    )
    .max(16),
})
