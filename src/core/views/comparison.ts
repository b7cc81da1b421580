/** /v1/revisions/{number}/compare: what is different between two revisions. */
import { z } from 'zod'
import { recordedChangeSchema } from './change-set.ts'

export const comparisonSchema = z
  .object({
    from: z.int().describe('A revision'),
    to: z.int().describe('A revision'),
    changes: z.array(recordedChangeSchema).describe('`before` is as of `from`, `after` as of `to`'),
  })
  .meta({ id: 'Comparison', description: 'What is different at one revision from what was at another.' })
