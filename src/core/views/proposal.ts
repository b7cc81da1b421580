/** /v1/proposals: change sets that wait for the approval of a second person. */
import { z } from 'zod'
import { recordedChangeSchema } from './change-set.ts'

export const proposalSchema = z
  .object({
    id: z.string(),
    atMs: z.number().describe('Milliseconds since the epoch'),
    author: z.string(),
    from: z.string().describe('Address that it came from'),
    message: z.string(),
    force: z
      .boolean()
      .describe(
        'It may leave load balancers without any eligible endpoint, and end a signing that a parent still has a DS for',
      ),
    breakGlass: z.string().nullable().describe('Why it may break safety rules; null: it may not'),
    changes: z.array(recordedChangeSchema).describe('Exactly these are approved, or nothing'),
    protections: z.array(z.string()).describe('That it touches'),
    state: z
      .enum(['open', 'approved', 'rejected', 'expired'])
      .describe('expired: nobody decided on it within 30 days'),
    expiresAtMs: z
      .number()
      .exactOptional()
      .describe('Unless somebody decides on it before, in milliseconds since the epoch; absent: it was'),
    decision: z
      .object({
        by: z.string(),
        atMs: z.number().describe('Milliseconds since the epoch'),
        reason: z.string(),
        revision: z.int().nullable().describe('That it became'),
      })
      .nullable()
      .describe('null: it waits'),
  })
  .meta({ id: 'Proposal', description: 'A change set that touches something protected.' })

/** In a list, which names no single changes. */
export const proposalSummarySchema = proposalSchema
  .omit({ changes: true })
  .extend({ changeCount: z.int().describe('How many resources it changes') })
  .meta({ id: 'ProposalSummary', description: 'A proposal without its changes.' })

export const rejectionSchema = z
  .strictObject({ reason: z.string().min(1).max(1_000).describe('Why, for its author') })
  .meta({ id: 'Rejection' })

export type ProposalSummaryView = z.output<typeof proposalSummarySchema>
export type ProposalView = z.output<typeof proposalSchema>
