/** POST /v1/simulate: how answers would change, by the very decisions that planning makes; nothing is touched. */
import { AnswerPlan } from '../../core/steering/answer-plan.ts'
import { simulationRequestSchema, simulationSchema } from '../../core/views/simulation.ts'
import { CONTROL_ITSELF } from '../actor.ts'
import type { Api, Parts } from '../api-parts.ts'
import { DEFAULT_BODY_LIMIT } from '../body-limits.ts'
import { ProblemError } from '../problem-error.ts'
import { requestedChanges } from '../requested-changes.ts'
import { simulateAnswers } from '../simulate-answers.ts'
import { problemOfRefusal } from './change-reply.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

export function simulationRoutes(app: Api, parts: Parts): void {
  app.post(
    '/v1/simulate',
    {
      bodyLimit: 10 * DEFAULT_BODY_LIMIT,
      schema: {
        tags: ['observation'],
        summary: 'How answers would change by a draft, by faults, or by both',
        description:
          'Changes nothing. The draft is checked as a change set is, and refused with the same faults.',
        querystring: noQuery,
        body: simulationRequestSchema,
        response: { 200: simulationSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request) => {
      const { service, observer, steering, locate } = parts()
      const requested = requestedChanges(request.body.changes)
      const draft = await service.change({
        actor: CONTROL_ITSELF,
        message: '',
        dryRun: true,
        decide: () => requested,
      })
      if (!('changes' in draft)) throw problemOfRefusal(draft)
      const { configuration } = draft.before
      const now = { wallMs: observer.clock.wallMs(), monotonicMs: observer.clock.monotonicMs() }
      const result = simulateAnswers(request.body, {
        before: { configuration, plan: new AnswerPlan(configuration), view: observer.view },
        revision: draft.before.revision,
        draft: { configuration: draft.after.configuration, changes: draft.changes.length },
        saved: steering.state.save(now),
        now,
        locate,
      })
      if (result.kind === 'invalid') throw new ProblemError('invalid', { faults: result.faults })
      return result.simulation
    },
  )
}
