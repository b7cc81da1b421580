/**
 * GET /v1/events: server-sent events (WHATWG HTML 9.2). `event` is the kind of an Event, `data` the Event as JSON, `id` a
 * number that only grows, across restarts too. Send the last id as Last-Event-ID to go on after it. An event `reset` comes
 * instead when that is no longer possible: fetch /v1/status again, the stream goes on from there.
 */
import { z } from 'zod'

export const resetEventSchema = z
  .object({ reason: z.string().describe('Why events may be missing') })
  .meta({ id: 'ResetEvent' })

export type ResetEvent = z.output<typeof resetEventSchema>
