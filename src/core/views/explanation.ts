/** GET /v1/explain: the answer for a name, a type and a client, and the whole trace of how it came about. */
import { z } from 'zod'
import { ANSWER_KINDS } from '../steering/shown-answer.ts'

const probeOutputSchema = z.object({
  checker: z.string(),
  monitor: z.string(),
  outcome: z.enum(['success', 'failure', 'local-error']),
  detail: z.string(),
  status: z.int().optional(),
  phases: z
    .object({
      connectMs: z.number().optional(),
      tlsMs: z.number().optional(),
      firstByteMs: z.number().optional(),
      totalMs: z.number(),
    })
    .describe('Latency by phase, ms'),
  atMs: z.number(),
})

const siteVoteSchema = z.object({
  site: z.string(),
  vote: z.enum(['up', 'down']).nullable(),
  ballots: z.array(
    z.object({
      checker: z.string(),
      live: z.boolean(),
      fenced: z.boolean(),
      state: z.enum(['unknown', 'up', 'suspect', 'down']).optional(),
    }),
  ),
})

export const explainedEndpointSchema = z
  .object({
    pool: z.string(),
    endpoint: z.string(),
    address: z.string(),
    site: z.string(),
    weight: z.int(),
    eligible: z.boolean(),
    reason: z
      .string()
      .describe('Why it is eligible or not: up, degraded, unmonitored, down, unknown, disabled'),
    answered: z.boolean().describe('In the answer (for weighted: among those one is picked from)'),
    verdict: z
      .object({
        state: z.enum(['unknown', 'up', 'down']),
        degraded: z.boolean(),
        rule: z.string(),
        quorum: z.object({ down: z.int(), up: z.int() }),
        votes: z.array(siteVoteSchema),
        sinceMs: z.number().nullable(),
      })
      .nullable(),
    probes: z.array(probeOutputSchema).describe('The last probe of each monitor by each checker'),
  })
  .meta({ id: 'ExplainedEndpoint' })

export const explanationSchema = z
  .object({
    name: z.string(),
    type: z.string(),
    client: z.string().nullable(),
    kind: z
      .enum(['load-balancer', 'static', 'cname', 'delegation', 'nodata', 'nxdomain', 'not-served'])
      .describe('Where the answer comes from'),
    zone: z.string().nullable(),
    loadBalancer: z.string().nullable(),
    answer: z
      .object({
        rcode: z.enum(['NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED']),
        kind: z.enum([...ANSWER_KINDS, 'none']),
        values: z.array(z.string()),
        weights: z.array(z.number()).optional(),
        ttlSec: z.int().nullable(),
      })
      .describe('What the DNS server answers'),
    rule: z.string().describe('policy, when-down, no-endpoints or static'),
    steps: z.array(z.string()).describe('The policy step by step, in words'),
    endpoints: z.array(explainedEndpointSchema),
    revision: z.int(),
    publication: z
      .object({
        serial: z.int(),
        values: z.array(z.string()),
        writtenAtMs: z.number(),
        readBackAtMs: z.number().nullable(),
      })
      .nullable()
      .describe('What was last published for this name and type, and when the server was seen to answer it'),
  })
  .meta({ id: 'Explanation' })

export type Explanation = z.output<typeof explanationSchema>
