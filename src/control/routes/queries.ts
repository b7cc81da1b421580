/** Parameters and headers that several routes share. Unknown parameters are refused, so that a misspelt one is seen. */
import { z } from 'zod'

export const limit = (fallback: number, max: number) =>
  z.coerce.number().int().min(1).max(max).default(fallback).describe('At most so many')

export const listQuery = z.strictObject({
  limit: limit(100, 1_000),
  after: z.string().max(1_024).optional().describe('`next` of the page before'),
})

export const readHeaders = z.looseObject({
  'if-none-match': z
    .string()
    .optional()
    .describe('The ETag that is already known: 304 if it is still the present one'),
})

export const noQuery = z.strictObject({})

export const revisionNumber = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, { error: 'the number of a revision is expected' })
