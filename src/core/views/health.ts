/** GET /v1/verdicts, /v1/checkers, /v1/nameservers, /v1/history: the health plane as it is, and as it was. */
import { z } from 'zod'
import { explainedEndpointSchema } from './explanation.ts'
import { checkerStatusSchema, nameserverStatusSchema, verdictState } from './status.ts'

const timeMs = z.number().describe('Milliseconds since the epoch')
const evidence = explainedEndpointSchema.shape.verdict.unwrap()

export const verdictSummarySchema = z
  .object({
    pool: z.string(),
    endpoint: z.string(),
    site: z.string(),
    state: verdictState,
    degraded: z.boolean(),
    rule: z.string().describe('The rule that made it, such as quorum-down or hold-no-quorum'),
    sinceMs: timeMs.nullable().describe('When the state last changed; null if not known'),
  })
  .meta({ id: 'VerdictSummary' })

export const verdictDetailSchema = verdictSummarySchema
  .extend({
    quorum: evidence.shape.quorum.describe('Votes that it takes'),
    votes: evidence.shape.votes.describe('Of each site, with the register of each of its checkers'),
    checkers: z
      .array(
        z.object({
          checker: z.string(),
          site: z.string(),
          ageMs: z.number().describe('Milliseconds since its last frame'),
          live: z.boolean(),
          fenced: z.boolean(),
          register: z
            .enum(['unknown', 'up', 'suspect', 'down'])
            .nullable()
            .describe('What it has found itself; null: nothing'),
          degraded: z.boolean(),
          outputs: explainedEndpointSchema.shape.probes.describe('The last probe of each monitor'),
        }),
      )
      .describe('Every checker that says anything of the endpoint'),
  })
  .meta({ id: 'VerdictDetail' })

export const checkerViewSchema = checkerStatusSchema
  .extend({
    fenceReason: z.string().nullable().describe('Why it has fenced itself off; null: it has not'),
    revisionsBehind: z.int().describe('Revisions that it does not probe by yet'),
    version: z.string().nullable().describe('Of Fairlead; null: it has not reported'),
    feed: z
      .enum(['connected', 'disk', 'none'])
      .nullable()
      .describe('Where its configuration comes from: a control, or its own disk'),
    endpoints: z.int().nullable().describe('How many it probes'),
    readers: z.int().nullable().describe('Who read its frames'),
  })
  .meta({ id: 'CheckerView' })

export const nameserverViewSchema = nameserverStatusSchema
  .extend({
    version: z.string().nullable().describe('Of Fairlead; null: not reported'),
    live: z.boolean().describe('It has reported within five seconds'),
    ageMs: z.number().describe('Milliseconds since its last report'),
    revisionsBehind: z.int().describe('Revisions that it does not answer by yet'),
    digest: z
      .string()
      .nullable()
      .describe('Digest of all its verdicts: the same at every nameserver that agrees; null: not reported'),
    agrees: z
      .boolean()
      .nullable()
      .describe('With most of the others at its revision; null: it cannot be compared'),
  })
  .meta({ id: 'NameserverView' })

export const agreementSchema = z
  .object({
    agree: z.boolean(),
    differForMs: z.number().nullable().describe('How long they differ; null: they agree'),
    alarm: z.boolean().describe('They differ for longer than verdicts may take to become the same'),
  })
  .meta({ id: 'Agreement' })

export const historyEntrySchema = z
  .object({
    endpoint: z.string().describe("'pool/endpoint'"),
    atMs: timeMs,
    control: z.string().describe('The control that saw it'),
    from: verdictState,
    to: verdictState,
    degraded: z.boolean(),
    rule: z.string(),
    reason: z.string().describe('What the probes said, in words'),
    quorum: evidence.shape.quorum,
    votes: evidence.shape.votes,
  })
  .meta({ id: 'HistoryEntry' })

export type VerdictSummary = z.output<typeof verdictSummarySchema>
export type VerdictDetail = z.output<typeof verdictDetailSchema>
export type CheckerDetail = z.output<typeof checkerViewSchema>
export type NameserverDetail = z.output<typeof nameserverViewSchema>
export type HistoryEntry = z.output<typeof historyEntrySchema>
