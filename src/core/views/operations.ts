/** GET /v1/operations: what operators and the withdrawal budget do beside the verdicts, now. */
import { z } from 'zod'
import { latchedTierSchema } from '../model/latch.ts'

const timeMs = z.number().describe('Milliseconds since the epoch')
const expiresAtMs = timeMs.nullable().describe('null: never')
const by = { reason: z.string(), author: z.string(), expiresAtMs }

export const overrideStatusSchema = z
  .object({
    endpoint: z.string().describe("'pool/endpoint'"),
    state: z.enum(['forced-up', 'forced-down']),
    ...by,
    expired: z.boolean().describe('It says nothing any more, and will be removed'),
    verdict: z.enum(['unknown', 'up', 'down']).nullable().describe('What it stands beside; null: no monitor'),
  })
  .meta({ id: 'OverrideStatus' })

export const drainStatusSchema = z
  .object({
    target: z.string().describe("'site/NAME', 'pool/NAME' or 'endpoint/POOL/NAME'"),
    phase: z.enum(['planned', 'draining', 'drained', 'expired']),
    share: z.number().describe('What is left of the weights, 0 to 1'),
    startAtMs: timeMs,
    drainedAtMs: timeMs.describe('From when on no new answers are given'),
    ...by,
    endpoints: z.int().describe('How many it is about'),
    loadBalancers: z.int().describe('How many may answer with one of them'),
    heldUntilMs: timeMs.describe(
      'Until then resolvers that keep to the time to live may still hold an answer',
    ),
    heldShare: z
      .number()
      .describe('Estimate of the share of resolvers that still do, 0 to 1: what they hold is of even age'),
  })
  .meta({ id: 'DrainStatus' })

const budgetStatusSchema = z.object({
  spent: z
    .int()
    .describe(
      'What verdicts took out within the window, and is still out: endpoints; of a load balancer whose policy goes by weights, their weights',
    ),
  limit: z.int().nullable().describe('At most so many; null: no limit'),
  windowSec: z.number().nullable().describe('Seconds; null: no limit'),
})

export const holdSchema = z
  .object({
    loadBalancer: z.string(),
    endpoint: z.string().describe("'pool/endpoint'"),
    sinceMs: timeMs,
  })
  .meta({ id: 'Hold' })

export const operationsSchema = z
  .object({
    overrides: z.array(overrideStatusSchema),
    drains: z.array(drainStatusSchema),
    latches: z.array(
      z.object({
        loadBalancer: z.string(),
        generation: z.int().describe('Grows with every failback'),
        tiers: z.array(latchedTierSchema).describe('Where the answers stay'),
      }),
    ),
    budget: z.object({
      total: budgetStatusSchema.describe('Of all monitored endpoints'),
      loadBalancers: z
        .array(
          budgetStatusSchema.extend({
            name: z.string(),
            held: z.int().describe('Endpoints that are down and stay answered'),
          }),
        )
        .describe('Those that have spent of theirs'),
      held: z.int().describe('Endpoints that are down and stay answered, once for each load balancer'),
      holds: z.array(holdSchema).describe('The first 1000 of them, the oldest first in each load balancer'),
    }),
  })
  .meta({ id: 'Operations' })

export const budgetReleaseRequestSchema = z
  .strictObject({
    loadBalancer: z.string().max(255).optional().describe('Of this one; of all if absent'),
  })
  .meta({ id: 'BudgetReleaseRequest' })

export type OperationsView = z.output<typeof operationsSchema>
