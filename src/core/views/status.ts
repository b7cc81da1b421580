/** GET /v1/status: what an operator sees first. One schema for the API's reply, OpenAPI, the CLI and the live view. */
import { z } from 'zod'
import { latchedTierSchema } from '../model/latch.ts'
import { DECIDED_TYPES } from '../steering/decision.ts'
import { ANSWER_KINDS } from '../steering/shown-answer.ts'

const timeMs = z.number().describe('Milliseconds since the epoch')
export const verdictState = z.enum(['unknown', 'up', 'down'])

export const endpointStatusSchema = z
  .object({
    pool: z.string(),
    endpoint: z.string(),
    address: z.string(),
    port: z.int(),
    site: z.string(),
    state: z.enum(['unknown', 'up', 'down', 'disabled', 'unmonitored']),
    degraded: z.boolean(),
    beside: z
      .array(z.enum(['forced-up', 'forced-down', 'draining', 'drained', 'held']))
      .describe('What operators and the withdrawal budget say beside the verdict'),
    sinceMs: timeMs.nullable().describe('When the state last changed; null if not known'),
    rule: z.string().describe('The rule that made the verdict, such as quorum-down or hold-no-quorum'),
    detail: z.string().describe('One line of the last probe, such as "HTTP 200" or "connection refused"'),
  })
  .meta({ id: 'EndpointStatus' })

export const answerStatusSchema = z
  .object({
    type: z.enum(DECIDED_TYPES),
    kind: z
      .enum(ANSWER_KINDS)
      .describe('How each query is answered; plain: with all of the values, by-client: as the rules say'),
    values: z.array(z.string()).describe('All that it can be answered with'),
    weights: z.array(z.number()).optional().describe('Weight of each value, for weighted and sticky'),
    ttlSec: z.int(),
    rule: z.enum(['policy', 'when-down']),
    readBackAtMs: timeMs
      .nullable()
      .describe('When the DNS server itself was seen to answer this; null: not yet'),
  })
  .meta({ id: 'AnswerStatus' })

/** Of all endpoints, also of those that no list has room for. */
export const endpointCountsSchema = z
  .object({
    total: z.int(),
    up: z.int().describe('Those that are degraded too'),
    degraded: z.int().describe('Of those that are up'),
    down: z.int().describe('By a quorum'),
    unknown: z.int().describe('No quorum has judged them yet'),
    other: z.int().describe('Disabled, or without a monitor'),
  })
  .meta({ id: 'EndpointCounts' })

export const poolStatusSchema = z
  .object({
    name: z.string(),
    counts: endpointCountsSchema.describe(
      'All of its endpoints, listed or not; not those of pools inside it',
    ),
    loadBalancers: z.int().describe('How many may answer with it, through pools around it too'),
  })
  .meta({ id: 'PoolStatus' })

export const balancerStatusSchema = z
  .object({
    name: z.string(),
    zone: z.string(),
    policy: z.enum(['failover', 'all', 'weighted', 'sticky', 'nearest']),
    pools: z
      .array(z.string())
      .optional()
      .describe('Whose endpoints it may answer with; absent: by a control that is older'),
    counts: endpointCountsSchema
      .optional()
      .describe('All endpoints of those pools, listed or not; absent: by a control that is older'),
    answers: z.array(answerStatusSchema),
    latched: z.array(latchedTierSchema).describe('Later tiers that the answers stay on until a failback'),
  })
  .meta({ id: 'LoadBalancerStatus' })

export const checkerStatusSchema = z
  .object({
    checker: z.string(),
    site: z.string(),
    live: z.boolean(),
    fenced: z.boolean(),
    loss: z.number().describe('Share of what it tries on its own network that is lost, 0 to 1'),
    revision: z.int(),
    ageMs: z.number().describe('Milliseconds since its last frame'),
  })
  .meta({ id: 'CheckerStatus' })

const pid = z.int().nullable().describe('Of its process; null: none runs, or it is not ours')
const restarts = z.int().describe('How often it was started again since the agent began')
const serverVersion = z.string().nullable().describe('As it says itself; null: not known')

export const nameserverStatusSchema = z
  .object({
    name: z.string(),
    site: z.string(),
    revision: z.int(),
    ready: z.boolean(),
    dnsServer: z.object({
      state: z.enum(['starting', 'running', 'adopted', 'attached', 'down']),
      address: z.string(),
      port: z.int(),
      pid,
      restarts,
      version: serverVersion,
      detail: z.string(),
    }),
    unpublishedForMs: z
      .number()
      .nullable()
      .describe('Milliseconds since it has not answered what it should; null: it does'),
    queriesPerSec: z.number().optional().describe('Over the last seconds; absent: not known'),
    latencyMs: z.number().optional().describe('Average of its answers, as its server gives it'),
    front: z
      .object({
        state: z.enum(['starting', 'running', 'adopted', 'attached', 'down']),
        pid,
        restarts,
        version: serverVersion,
        detail: z.string(),
      })
      .optional()
      .describe('The dnsdist before its DNS server; absent: there is none'),
    secondaries: z
      .array(
        z.object({
          zone: z.string(),
          by: z.enum(['transfer', 'update']).describe('update: load balancers alone, by RFC 2136'),
          secondary: z.string().describe('Address and port'),
          state: z
            .enum(['current', 'behind', 'silent'])
            .describe(
              'behind: it does not have the last publication yet; silent: it gives no answer of its own',
            ),
          serial: z.int().nullable().describe('null: it has not told one, or has none by updates'),
          behindForMs: z
            .number()
            .nullable()
            .describe(
              'Milliseconds since it does not follow; null: it does, or what it lacks is only just on its way',
            ),
          detail: z.string(),
        }),
      )
      .optional()
      .describe('Secondaries that it sends zones to; absent: it sends none'),
  })
  .meta({ id: 'NameserverStatus' })

/** One line of the event log, as /v1/events sends it too. */
export const eventSchema = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('transition'),
      atMs: timeMs,
      endpoint: z.string().describe("'pool/endpoint'"),
      from: verdictState,
      to: verdictState,
      degraded: z.boolean(),
      rule: z.string(),
      reason: z.string(),
    }),
    z.object({
      kind: z.literal('publication'),
      atMs: timeMs,
      zone: z.string(),
      serial: z.int(),
      owners: z.array(z.string()),
      readBackMs: z
        .number()
        .nullable()
        .describe('Milliseconds from the write until the DNS server was seen to answer it; null: not seen'),
      source: z.string().exactOptional().describe('The nameserver; absent within one process'),
    }),
    z.object({
      kind: z.literal('revision'),
      atMs: timeMs,
      revision: z.int(),
      author: z.string(),
      message: z.string(),
    }),
    z.object({
      kind: z.literal('steering'),
      atMs: timeMs,
      loadBalancer: z.string(),
      message: z.string(),
    }),
    z.object({ kind: z.literal('alarm'), atMs: timeMs, source: z.string(), message: z.string() }),
  ])
  .meta({ id: 'Event' })

export const statusSchema = z
  .object({
    version: z.string(),
    revision: z.int(),
    healthy: z
      .boolean()
      .describe('Nothing here needs an operator: all alarms, servers and checkers are well'),
    counts: z.object({
      endpoints: endpointCountsSchema.omit({ degraded: true }),
      loadBalancers: z.object({
        total: z.int(),
        byWhenDown: z.int().describe('Answering by their all-down mode'),
      }),
    }),
    endpoints: z.array(endpointStatusSchema).describe('At most `limit`, those that are not up first'),
    loadBalancers: z.array(balancerStatusSchema).describe('At most `limit`, in order of name'),
    pools: z
      .array(poolStatusSchema)
      .optional()
      .describe(
        'Those of the endpoints and load balancers that are listed, in order of name; absent: by a control that is older',
      ),
    checkers: z.array(checkerStatusSchema),
    nameservers: z.array(nameserverStatusSchema),
    events: z.array(eventSchema).describe('The last ones, newest first'),
    alarms: z.array(z.string()).describe('What is wrong now, in words'),
  })
  .meta({ id: 'Status' })

export type EndpointCounts = z.output<typeof endpointCountsSchema>
export type Status = z.output<typeof statusSchema>
export type StatusEvent = z.output<typeof eventSchema>
