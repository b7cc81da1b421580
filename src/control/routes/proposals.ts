/** Change sets that wait for an approval: list, read, approve, reject. */
import { z } from 'zod'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { pageSchema } from '../../core/views/page.ts'
import {
  proposalSchema,
  proposalSummarySchema,
  rejectionSchema,
  type ProposalSummaryView,
  type ProposalView,
} from '../../core/views/proposal.ts'
import type { Proposal, ProposalSummary } from '../../ports/proposals.ts'
import type { Api, Parts } from '../api-parts.ts'
import { expiresAtMs } from '../people/proposal-expiry.ts'
import { changeView, replyToChange } from './change-reply.ts'
import { limit, noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'
import { timeCursor } from './time-cursor.ts'

const tags = ['proposals']
const byId = z.object({ id: z.string().max(100) })

export function proposalRoutes(app: Api, parts: Parts): void {
  readRoutes(app, parts)
  decideRoutes(app, parts)
}

function readRoutes(app: Api, parts: Parts): void {
  app.get(
    '/v1/proposals',
    {
      schema: {
        tags,
        summary: 'The change sets that wait for an approval, newest first',
        querystring: z.strictObject({
          limit: limit(50, 200),
          after: z.string().max(200).optional().describe('`next` of the page before'),
          state: z
            .enum(['open', 'all'])
            .default('open')
            .describe('all: those that were decided, or have expired, as well'),
        }),
        response: { 200: pageSchema(proposalSummarySchema), ...PROBLEM_REPLIES },
      },
    },
    async (request) => {
      const { limit: wanted, after, state } = request.query
      const { proposals, last } = await parts().proposals.list({
        ...{ open: state === 'open', limit: wanted },
        ...(after !== undefined && { after: timeCursor.parse(after) }),
      })
      return { items: proposals.map(summaryOf), next: last === null ? null : timeCursor.of(last) }
    },
  )
  app.get(
    '/v1/proposals/:id',
    {
      schema: {
        tags,
        summary: 'One proposal, with what it would change',
        params: byId,
        querystring: noQuery,
        response: { 200: proposalSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request) => viewOf(await parts().proposals.get(request.params.id)),
  )
}

function decideRoutes(app: Api, parts: Parts): void {
  app.post(
    '/v1/proposals/:id/approve',
    {
      config: { role: 'editor' },
      schema: {
        tags,
        summary: 'Commit a proposal of somebody else',
        description:
          'Exactly what the proposal shows is committed, or nothing: 412 when something that it touches has changed since. The approver must be allowed to make the change.',
        params: byId,
        querystring: noQuery,
        response: { 200: changeOutcomeSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const result = await parts().proposals.approve(request.params.id, request.actor)
      return reply.send(replyToChange(reply, { result, parts: parts() }))
    },
  )
  app.post(
    '/v1/proposals/:id/reject',
    {
      config: { role: 'editor' },
      schema: {
        tags,
        summary: 'Turn a proposal down, or take the own one back',
        params: byId,
        querystring: noQuery,
        body: rejectionSchema,
        response: { 200: proposalSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request) => {
      const { id } = request.params
      return viewOf(await parts().proposals.reject(id, request.body.reason, request.actor))
    },
  )
}

function viewOf(proposal: Proposal): ProposalView {
  return { ...shownOf(proposal), changes: proposal.changes.map(changeView) }
}

function summaryOf(proposal: ProposalSummary): ProposalSummaryView {
  return { ...shownOf(proposal), changeCount: proposal.changeCount }
}

function shownOf(proposal: Omit<ProposalSummary, 'changeCount'>) {
  const { id, atMs, author, from, message, force, breakGlass, protections, decision } = proposal
  const { kind, ...decided } = decision ?? ({ kind: 'open' } as const)
  return {
    ...{ id, atMs, author, from, message, force, breakGlass, state: kind },
    protections: [...protections],
    ...(kind === 'open' && { expiresAtMs: expiresAtMs(proposal) }),
    decision: 'by' in decided ? decided : null,
  }
}
