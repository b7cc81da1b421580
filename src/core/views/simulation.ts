/** POST /v1/simulate: how answers would change by a draft, by faults, or by both; nothing is touched. */
import { z } from 'zod'
import { address, dnsNameOrWildcard } from '../model/scalars.ts'
import { DECIDED_TYPES } from '../steering/decision.ts'
import { changeRequestSchema } from './change-set.ts'

export const simulationRequestSchema = z
  .strictObject({
    changes: z.array(changeRequestSchema).max(200_000).default([]).describe('A draft, as in a change set'),
    fail: z
      .array(z.string().min(1).max(256))
      .max(10_000)
      .default([])
      .describe("What goes down: 'POOL/ENDPOINT', 'pool/POOL' or 'site/SITE'"),
    names: z
      .array(dnsNameOrWildcard)
      .max(1_000)
      .optional()
      .describe('Load balancers to show, changed or not; all that change if absent'),
    clients: z
      .array(address)
      .max(10_000)
      .default([])
      .describe(
        'Clients whose answers are shown; shares are taken over them, or over a sample if there are none',
      ),
    limit: z.int().min(1).max(100_000).default(1_000).describe('At most so many answers'),
  })
  .meta({ id: 'SimulationRequest' })

const simulatedSideSchema = z.object({
  rule: z.enum(['policy', 'when-down', 'no-endpoints']),
  ttlSec: z.int().nullable().describe('null: nothing is answered, or an error'),
  shares: z
    .array(z.object({ value: z.string(), share: z.number().describe('0 to 1') }))
    .describe(
      "Which share of the sample's queries goes to each value (0 to 1), the largest first; '(none)' and '(refused)' are what is no value",
    ),
})

const simulatedBalancerSchema = z
  .object({
    name: z.string(),
    type: z.enum(DECIDED_TYPES),
    isChanged: z.boolean().describe('False: named, but answered as before'),
    moved: z.number().describe("Which share of the sample's queries gets another answer, 0 to 1"),
    before: simulatedSideSchema.nullable().describe('null: there is no such load balancer'),
    after: simulatedSideSchema.nullable().describe('null: there would be no such load balancer'),
    clients: z
      .array(
        z.object({
          client: z.string(),
          before: z.array(z.string()).describe('What it can be answered with'),
          after: z.array(z.string()),
          moved: z.number().describe('Which share of its queries gets another answer, 0 to 1'),
        }),
      )
      .describe('The clients of the request, in their order'),
  })
  .meta({ id: 'SimulatedAnswer' })

export const simulationSchema = z
  .object({
    revision: z.int().describe('What it was compared with'),
    changes: z.int().describe('How many resources the draft changes'),
    failed: z.array(z.string()).describe('Endpoints that are down in the simulation, as pool/endpoint'),
    unnoticed: z
      .array(z.string())
      .describe('Those of them that no monitor checks: nobody would notice, and answers stay as they are'),
    held: z
      .array(z.object({ loadBalancer: z.string(), endpoint: z.string() }))
      .describe('Those that the withdrawal budget would keep in the answers at first (at most 1000 of them)'),
    sample: z.int().describe('How many clients the shares are taken over'),
    answers: z.array(simulatedBalancerSchema),
    more: z.boolean().describe('More answers change than are shown'),
  })
  .meta({ id: 'Simulation' })

export type SimulationRequest = z.output<typeof simulationRequestSchema>
export type Simulation = z.output<typeof simulationSchema>
export type SimulatedBalancer = z.output<typeof simulatedBalancerSchema>
export type SimulatedSide = z.output<typeof simulatedSideSchema>
