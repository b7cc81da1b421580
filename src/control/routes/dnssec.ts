/** DNSSEC of a zone: keys and DS as they are, and the steps of a rollover. */
import { z } from 'zod'
import { dnsName } from '../../core/model/scalars.ts'
import { dnssecViewSchema, rollOutcomeSchema, rollRequestSchema } from '../../core/views/dnssec.ts'
import type { Api, ApiParts, Parts } from '../api-parts.ts'
import { dnssecView } from '../dnssec/dnssec-view.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

const tags = ['dnssec']
const params = z.object({ name: dnsName })

export function dnssecRoutes(app: Api, parts: Parts): void {
  app.get(
    '/v1/zones/:name/dnssec',
    {
      schema: {
        tags,
        summary: 'Keys of a signed zone, the DS for its parent, and how far a rollover has come',
        params,
        querystring: z.strictObject({
          parent: z
            .enum(['true', 'false'])
            .default('false')
            .describe("Ask the parent's name servers which DS they give: takes as long as they do"),
        }),
        response: { 200: dnssecViewSchema, ...PROBLEM_REPLIES },
      },
    },
    (request) => view(parts(), request.params.name, request.query.parent === 'true'),
  )
  app.post(
    '/v1/zones/:name/dnssec/roll',
    {
      schema: {
        tags,
        summary: 'Begin a rollover, take its next step, or cancel it',
        description:
          'A step that would break the chain of trust is refused with 409 and says what is missing.',
        params,
        querystring: noQuery,
        body: rollRequestSchema,
        response: { 200: rollOutcomeSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request) => {
      const { key, action, dsIsAtParent } = request.body
      const { name } = request.params
      const order = { zone: name, actor: request.actor, key, action, vouch: dsIsAtParent }
      const { result, done } = await parts().rollovers.roll(order)
      return { revision: result.revision, done, dnssec: await view(parts(), name, false) }
    },
  )
}

function view({ service, rollovers, dnssecKeys, observer }: ApiParts, name: string, asksParent: boolean) {
  const { configuration } = service.current
  const wallMs = observer.clock.wallMs()
  return dnssecView(name, { configuration, rollovers, dnssecKeys, wallMs }, { asksParent })
}
