/** GET /v1/explain: the answer for a name, a type and a client, and the whole trace of how it came about. */
import { z } from 'zod'
import { ELIGIBILITY_REASONS } from '../steering/eligibility.ts'
import { ANSWER_KINDS } from '../steering/shown-answer.ts'

const timeMs = z.number().describe('Milliseconds since the epoch')

const probeOutputSchema = z.object({
  checker: z.string(),
  monitor: z.string(),
  outcome: z.enum(['success', 'failure', 'local-error']),
  detail: z.string(),
  status: z.int().optional().describe('Of HTTP'),
  phases: z
    .object({
      connectMs: z.number().optional().describe('Milliseconds to open the connection'),
      tlsMs: z.number().optional().describe('Milliseconds of the TLS handshake'),
      firstByteMs: z
        .number()
        .optional()
        .describe('Milliseconds from the request to the first byte of the reply'),
      totalMs: z.number().describe('Milliseconds of the whole probe'),
    })
    .describe('Latency by phase'),
  atMs: timeMs,
})

const siteVoteSchema = z.object({
  site: z.string(),
  vote: z.enum(['up', 'down']).nullable().describe('null: it has none'),
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
    weightShare: z
      .number()
      .describe('What counts of its weight now, 0.1 to 1: less while it ramps up or drains'),
    eligible: z.boolean(),
    reason: z
      .enum(ELIGIBILITY_REASONS)
      .describe('Why it is eligible or not: what an operator says of it, else what the verdict says'),
    answered: z.boolean().describe('The client can be answered with it'),
    override: z
      .object({
        state: z.enum(['forced-up', 'forced-down']),
        reason: z.string(),
        author: z.string(),
        expiresAtMs: timeMs
          .nullable()
          .describe('When it ends by itself, in milliseconds since the epoch; null: it does not'),
      })
      .nullable()
      .describe('What an operator forces on it; the verdict beside it stays what it is'),
    drain: z
      .object({
        name: z.string().describe('What is drained: site/NAME, pool/NAME or endpoint/POOL/NAME'),
        phase: z.enum(['planned', 'draining', 'drained']),
        reason: z.string(),
        author: z.string(),
        startAtMs: timeMs
          .nullable()
          .describe('Milliseconds since the epoch; null: it began when it was made'),
        drainSec: z.int().describe('Seconds from its begin until nothing is sent there'),
        expiresAtMs: timeMs
          .nullable()
          .describe('When it ends by itself, in milliseconds since the epoch; null: it does not'),
      })
      .nullable()
      .describe('The drain that it is taken out by'),
    verdict: z
      .object({
        state: z.enum(['unknown', 'up', 'down']),
        degraded: z.boolean(),
        rule: z.string(),
        quorum: z.object({
          down: z.int().describe('Sites that must say down'),
          up: z.int().describe('Sites that must say up'),
        }),
        votes: z.array(siteVoteSchema),
        sinceMs: timeMs
          .nullable()
          .describe('When the state last changed, in milliseconds since the epoch; null: not known'),
      })
      .nullable()
      .describe('What the checkers say; null: it is not judged'),
    probes: z.array(probeOutputSchema).describe('The last probe of each monitor by each checker'),
  })
  .meta({ id: 'ExplainedEndpoint' })

const explainedRouteSchema = z
  .object({
    route: z.int().describe('Number of the rule; 0: the policy itself'),
    clients: z.string().describe('Which clients it is about, in words'),
    rule: z
      .enum(['policy', 'when-down', 'passed-over'])
      .describe('passed-over: it has nothing to answer with, so the next one decides'),
    tier: z.int().nullable().describe('Number of the tier that answers; null: none, or it has no tiers'),
    eligible: z.array(z.string()).describe('Endpoints to choose among, as pool/endpoint'),
    isAboutClient: z.boolean(),
    isChosen: z.boolean().describe('It is the one that answers the client'),
  })
  .meta({ id: 'ExplainedRoute' })

export const explanationSchema = z
  .object({
    name: z.string(),
    type: z.string(),
    client: z.string().nullable().describe('The address that was asked about; null: none was'),
    location: z
      .object({
        continent: z.string().optional(),
        country: z.string().optional(),
        asn: z.int().optional().describe('Number of its autonomous system'),
        latitude: z.number().optional().describe('Degrees north'),
        longitude: z.number().optional().describe('Degrees east'),
      })
      .nullable()
      .describe('Where the client is, by the database of locations; null: not known'),
    atMs: z.number().nullable().describe('The moment of the history that is explained; null: now'),
    notKept: z.array(z.string()).describe('What is not known of that moment, in words; empty for now'),
    kind: z
      .enum(['load-balancer', 'static', 'cname', 'delegation', 'nodata', 'nxdomain', 'not-served'])
      .describe('Where the answer comes from'),
    zone: z.string().nullable().describe('null: it is in none that is served here'),
    loadBalancer: z.string().nullable().describe('null: none decides the answer'),
    answer: z
      .object({
        rcode: z.enum(['NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED']),
        kind: z.enum([...ANSWER_KINDS, 'none']),
        values: z.array(z.string()),
        weights: z.array(z.number()).optional().describe('Weight of each value'),
        shares: z
          .array(z.number())
          .optional()
          .describe(
            'How often each value is in the answer, 0 to 1: of the queries of the client, or of all clients if none was given',
          ),
        ttlSec: z.int().nullable().describe('Seconds; null: there are no records'),
      })
      .describe('What the DNS server answers'),
    rule: z.string().describe('policy, when-down, no-endpoints or static'),
    steps: z.array(z.string()).describe('The policy step by step, in words'),
    routes: z
      .array(explainedRouteSchema)
      .describe('The rules and the policy itself, in the order in which they are asked'),
    endpoints: z.array(explainedEndpointSchema),
    revision: z.int(),
    publication: z
      .object({
        serial: z.int(),
        values: z.array(z.string()),
        writtenAtMs: timeMs,
        readBackAtMs: timeMs
          .nullable()
          .describe(
            'When the DNS server itself was seen to answer it, in milliseconds since the epoch; null: not yet',
          ),
      })
      .nullable()
      .describe('What was last published for this name and type, and when the server was seen to answer it'),
  })
  .meta({ id: 'Explanation' })

export type Explanation = z.output<typeof explanationSchema>
