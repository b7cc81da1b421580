/** POST /v1/change-sets and every write: what is asked for and what comes back. */
import { z } from 'zod'
import { clientMapSchema } from '../model/client-map.ts'
import { drainSchema } from '../model/drain.ts'
import { loadBalancerSchema } from '../model/load-balancer.ts'
import { monitorSchema } from '../model/monitor.ts'
import { overrideSchema } from '../model/override.ts'
import { endpointSchema, poolSchema } from '../model/pool.ts'
import { protectionSchema } from '../model/protection.ts'
import { KINDS, WRITTEN_KINDS } from '../model/resource.ts'
import { ruleSchema } from '../model/rule.ts'
import { settingsSchema } from '../model/settings.ts'
import { siteSchema } from '../model/site.ts'
import { zoneSchema } from '../model/zone.ts'

const kindName = z.enum(KINDS)

/** `pool` of an endpoint: an endpoint is named by its pool and its own name. */
export const changeRequestSchema = z
  .union([
    z.discriminatedUnion('kind', [
      z.strictObject({ op: z.literal('put'), kind: z.literal('settings'), spec: settingsSchema }),
      z.strictObject({ op: z.literal('put'), kind: z.literal('site'), spec: siteSchema }),
      z.strictObject({ op: z.literal('put'), kind: z.literal('zone'), spec: zoneSchema }),
      z.strictObject({ op: z.literal('put'), kind: z.literal('monitor'), spec: monitorSchema }),
      z.strictObject({ op: z.literal('put'), kind: z.literal('pool'), spec: poolSchema }),
      z.strictObject({
        op: z.literal('put'),
        kind: z.literal('endpoint'),
        pool: z.string(),
        spec: endpointSchema,
      }),
      z.strictObject({ op: z.literal('put'), kind: z.literal('clientMap'), spec: clientMapSchema }),
      z.strictObject({ op: z.literal('put'), kind: z.literal('loadBalancer'), spec: loadBalancerSchema }),
      z.strictObject({ op: z.literal('put'), kind: z.literal('override'), spec: overrideSchema }),
      z.strictObject({ op: z.literal('put'), kind: z.literal('drain'), spec: drainSchema }),
      z.strictObject({ op: z.literal('put'), kind: z.literal('rule'), spec: ruleSchema }),
      z.strictObject({ op: z.literal('put'), kind: z.literal('protection'), spec: protectionSchema }),
    ]),
    z.strictObject({
      op: z.literal('delete'),
      kind: z.enum(WRITTEN_KINDS),
      name: z.string(),
      pool: z.string().optional().describe('The pool of an endpoint'),
    }),
  ])
  .meta({ id: 'Change' })

export const changeSetRequestSchema = z
  .strictObject({
    id: z
      .string()
      .min(8)
      .max(64)
      .regex(/^[\x21-\x7e]*$/, { error: 'printable ASCII without spaces is expected' })
      .optional()
      .describe('Chosen by the client: the same id is never applied twice'),
    message: z.string().max(1_000).default('').describe('Why, for the history'),
    baseRevision: z.int().min(0).optional().describe('Refuse with 412 if the head is another revision'),
    changes: z.array(changeRequestSchema).min(1).max(200_000),
  })
  .meta({ id: 'ChangeSet' })

export const recordedChangeSchema = z
  .object({
    kind: kindName,
    name: z.string().describe("The resource's name; 'pool/endpoint' for an endpoint"),
    before: z.unknown().describe('null: it was not there'),
    after: z.unknown().describe('null: it was deleted'),
  })
  .meta({ id: 'RecordedChange' })

/** How the DNS answers would change, by name and type, under the verdicts of this moment. */
export const answerChangeSchema = z
  .object({
    name: z.string(),
    type: z.string(),
    before: z.array(z.string()).nullable().describe('Values; null: nothing decided the answer'),
    after: z.array(z.string()).nullable().describe('Values; null: nothing would decide the answer'),
  })
  .meta({ id: 'AnswerChange' })

export const changeOutcomeSchema = z
  .object({
    outcome: z.enum(['committed', 'unchanged', 'dry-run', 'proposed']),
    revision: z.int().describe('The revision that holds the change; the head where there is none'),
    proposal: z
      .string()
      .optional()
      .describe('Where it is proposed: somebody else has to approve of the proposal of this id'),
    needsApproval: z
      .array(z.string())
      .optional()
      .describe('The protections for which it is proposed, or would be with a dry run'),
    changes: z.array(recordedChangeSchema),
    answers: z
      .array(answerChangeSchema)
      .optional()
      .describe('With dryRun=true: the answers that would change'),
  })
  .meta({ id: 'ChangeOutcome' })

export const revisionSchema = z
  .object({
    number: z.int().describe('From 1, without a gap'),
    author: z.string(),
    atMs: z.number().describe('Milliseconds since the epoch'),
    message: z.string(),
    changes: z.array(recordedChangeSchema),
  })
  .meta({ id: 'Revision' })

export type ChangeRequest = z.input<typeof changeRequestSchema>
export type ChangeOutcome = z.output<typeof changeOutcomeSchema>
export type RevisionView = z.output<typeof revisionSchema>
