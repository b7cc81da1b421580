/** TSIG keys: list, make, remove. */
import { z } from 'zod'
import { tsigKeyName } from '../../core/model/tsig-key.ts'
import { referrersOf } from '../../core/model/check-references.ts'
import type { Configuration } from '../../core/model/configuration.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { pageSchema } from '../../core/views/page.ts'
import { createdTsigKeySchema, tsigKeyRequestSchema, tsigKeyViewSchema } from '../../core/views/tsig-key.ts'
import type { Api, Parts } from '../api-parts.ts'
import type { ChangeDecision } from '../change-order.ts'
import { ProblemError } from '../problem-error.ts'
import { newTsigKey } from '../tsig/tsig-keys.ts'
import { problemOfRefusal, replyToChange } from './change-reply.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

const tags = ['tsig']

export function tsigKeyRoutes(app: Api, parts: Parts): void {
  app.get(
    '/v1/tsig-keys',
    {
      schema: {
        tags,
        summary: 'List TSIG keys, without their secrets',
        querystring: noQuery,
        response: { 200: pageSchema(tsigKeyViewSchema), ...PROBLEM_REPLIES },
      },
    },
    () => ({ items: viewOf(parts().service.current.configuration), next: null }),
  )
  createRoute(app, parts)
  deleteRoute(app, parts)
}

function createRoute(app: Api, parts: Parts): void {
  app.post(
    '/v1/tsig-keys',
    {
      schema: {
        tags,
        summary:
          'Make a TSIG key, or keep one that another server has; its secret is shown only in this reply',
        querystring: noQuery,
        body: tsigKeyRequestSchema,
        response: { 201: createdTsigKeySchema, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { service, vault, observer } = parts()
      const { key, secret } = newTsigKey(request.body, { vault, clock: observer.clock })
      const { name, algorithm } = key
      const result = await service.change({
        actor: request.actor,
        message: `TSIG key ${name}`,
        dryRun: false,
        decide: ({ configuration }): ChangeDecision => {
          if (configuration.tsigKey.has(name))
            return {
              kind: 'invalid',
              faults: [
                { pointer: '/name', message: `there is a TSIG key '${name}' already: remove it first` },
              ],
            }
          return {
            kind: 'changes',
            changes: [{ op: 'put', kind: 'tsigKey', key: name, spec: key, pointer: '' }],
          }
        },
      })
      if (!('changes' in result)) throw problemOfRefusal(result)
      const { revision } = result
      return reply.code(201).header('cache-control', 'no-store').send({ name, algorithm, secret, revision })
    },
  )
}

function deleteRoute(app: Api, parts: Parts): void {
  app.delete(
    '/v1/tsig-keys/:name',
    {
      schema: {
        tags,
        summary: 'Remove a TSIG key that no zone names any more',
        params: z.object({ name: tsigKeyName }),
        querystring: noQuery,
        response: { 200: changeOutcomeSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { name } = request.params
      const result = await parts().service.change({
        actor: request.actor,
        message: `without the TSIG key ${name}`,
        dryRun: false,
        decide: ({ configuration }): ChangeDecision => {
          if (!configuration.tsigKey.has(name))
            throw new ProblemError('not-found', { detail: `there is no TSIG key '${name}'` })
          return { kind: 'changes', changes: [{ op: 'delete', kind: 'tsigKey', key: name, pointer: '' }] }
        },
      })
      return reply.send(replyToChange(reply, { result, parts: parts() }))
    },
  )
}

function viewOf(configuration: Configuration) {
  return Array.from(configuration.tsigKey.values(), ({ name, algorithm, createdAtMs }) => ({
    ...{ name, algorithm, createdAtMs },
    zones: referrersOf(configuration, { kind: 'tsigKey', key: name }).map(({ key }) => key),
  })).sort((a, b) => (a.name < b.name ? -1 : 1))
}
