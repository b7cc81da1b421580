/** What operators do beside the configuration: look at it, fail back, release the withdrawal budget. */
import { z } from 'zod'
import { EVERY_BALANCER } from '../../core/model/budget-release.ts'
import { dnsNameOrWildcard } from '../../core/model/scalars.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { budgetReleaseRequestSchema, operationsSchema } from '../../core/views/operations.ts'
import type { Api, Parts } from '../api-parts.ts'
import type { ChangeDecision } from '../change-order.ts'
import { operationsView } from '../operations-view.ts'
import { replyToChange } from './change-reply.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

const tags = ['operations']
const changed = { 200: changeOutcomeSchema, ...PROBLEM_REPLIES }

export function operationRoutes(app: Api, parts: Parts): void {
  viewRoute(app, parts)
  failbackRoute(app, parts)
  releaseRoute(app, parts)
}

function viewRoute(app: Api, parts: Parts): void {
  app.get(
    '/v1/operations',
    {
      schema: {
        tags,
        summary: 'Overrides, drains, latches and the withdrawal budget, as they stand now',
        querystring: noQuery,
        response: { 200: operationsSchema, ...PROBLEM_REPLIES },
      },
    },
    () => {
      const { observer, steering } = parts()
      const { configuration } = observer.snapshot
      return operationsView({ configuration, state: steering.state, wallMs: observer.clock.wallMs() })
    },
  )
}

function failbackRoute(app: Api, parts: Parts): void {
  app.post(
    '/v1/load-balancers/:name/failback',
    {
      schema: {
        tags,
        summary: 'End the latch of a load balancer: its first tier that is healthy answers again',
        params: z.object({ name: dnsNameOrWildcard }),
        querystring: noQuery,
        response: changed,
      },
    },
    async (request, reply) => {
      const { service, latches } = parts()
      const { name } = request.params
      const result = await service.change({
        actor: request.actor,
        message: `failback of ${name}`,
        dryRun: false,
        decide: ({ configuration }) => latches.decideFailback(name, configuration),
      })
      return reply.send(replyToChange(reply, { result, parts: parts() }))
    },
  )
}

function releaseRoute(app: Api, parts: Parts): void {
  app.post(
    '/v1/budget/release',
    {
      schema: {
        tags,
        summary: 'Take out what the withdrawal budget holds now',
        querystring: noQuery,
        body: budgetReleaseRequestSchema,
        response: changed,
      },
    },
    async (request, reply) => {
      const { service, observer } = parts()
      const { loadBalancer = EVERY_BALANCER } = request.body
      const { actor } = request
      const releasedAtMs = observer.clock.wallMs()
      const result = await service.change({
        actor,
        message: `release of what the withdrawal budget holds (${loadBalancer === EVERY_BALANCER ? 'all' : loadBalancer})`,
        dryRun: false,
        decide: ({ configuration }): ChangeDecision => {
          if (loadBalancer !== EVERY_BALANCER && !configuration.loadBalancer.has(loadBalancer))
            return { kind: 'not-found', detail: `there is no load balancer '${loadBalancer}'` }
          const spec = { name: loadBalancer, releasedAtMs, author: actor.name }
          return {
            kind: 'changes',
            changes: [{ op: 'put', kind: 'budgetRelease', key: loadBalancer, spec, pointer: '' }],
          }
        },
      })
      return reply.send(replyToChange(reply, { result, parts: parts() }))
    },
  )
}
