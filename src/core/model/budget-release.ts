/** A release: an operator lets go what the withdrawal budget holds, of one load balancer or of all. */
import { z } from 'zod'
import { operationAuthor } from './operation.ts'
import { dnsNameOrWildcard } from './scalars.ts'

/** Stands where the name of a load balancer is expected. */
export const EVERY_BALANCER = '*'

export const budgetReleaseSchema = z
  .strictObject({
    name: z
      .union([z.literal(EVERY_BALANCER), dnsNameOrWildcard])
      .describe("The load balancer; '*': all of them"),
    releasedAtMs: z.int().min(0).describe('What was held by then is held no more, in ms since the epoch'),
    author: operationAuthor,
  })
  .meta({ id: 'BudgetRelease', description: 'An end of what the withdrawal budget holds.' })

export type BudgetRelease = z.output<typeof budgetReleaseSchema>
