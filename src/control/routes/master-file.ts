/** A zone as a master file. */
import { z } from 'zod'
import { masterFile } from '../../core/dns/master-file.ts'
import { dnsName } from '../../core/model/scalars.ts'
import { masterFileSchema } from '../../core/views/master-file.ts'
import type { Api, Parts } from '../api-parts.ts'
import { ProblemError } from '../problem-error.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

export function masterFileRoute(app: Api, parts: Parts): void {
  app.get(
    '/v1/zones/:name/master-file',
    {
      schema: {
        tags: ['zones'],
        summary: 'What a zone answers now, as a master file',
        params: z.object({ name: dnsName }),
        querystring: noQuery,
        response: { 200: masterFileSchema, ...PROBLEM_REPLIES },
      },
    },
    (request) => {
      const { name } = request.params
      const { observer } = parts()
      const plan = observer.plan.zones(observer.view).get(name)
      if (plan === undefined) throw new ProblemError('not-found', { detail: `there is no zone '${name}'` })
      const serial = Math.floor(observer.clock.wallMs() / 1_000)
      return { zone: name, revision: observer.snapshot.revision, text: masterFile(plan, serial) }
    },
  )
}
