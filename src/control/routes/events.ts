/** GET /v1/events: see core/views/event-stream.ts. */
import { z } from 'zod'
import type { Api, Parts } from '../api-parts.ts'
import { ProblemError } from '../problem-error.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES, textReply } from './replies.ts'

const MAX_CLIENTS = 256

export function eventRoutes(app: Api, parts: Parts): void {
  app.get(
    '/v1/events',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['observation'],
        summary: 'Transitions, publications, revisions and alarms as they happen',
        description:
          '`event` is the kind of an Event, `data` the Event as JSON, `id` a number that only grows. An event `reset` says that events may have been missed: read /v1/status again.',
        querystring: noQuery,
        headers: z.looseObject({
          'last-event-id': z.string().optional().describe('Go on after the event of this id'),
        }),
        response: {
          200: textReply('A stream of server-sent events', 'text/event-stream'),
          ...PROBLEM_REPLIES,
        },
      },
    },
    (request, reply) => {
      const { streams, tokens } = parts()
      const { token } = request
      if (streams.size >= MAX_CLIENTS)
        throw new ProblemError('overloaded', { detail: `${MAX_CLIENTS} clients are following already` })
      const last = request.headers['last-event-id']
      reply.hijack()
      streams.start(reply.raw, {
        lastId: last === undefined ? null : idOf(last),
        mayRead: () => token !== null && tokens.isGood(token.id),
      })
    },
  )
}

/** Anything that is no id of ours is older than everything: the client is told to start over. */
function idOf(text: string): number {
  return /^\d{1,16}$/.test(text) ? Number(text) : -1
}
