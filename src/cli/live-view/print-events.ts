/** What `watch` and `up` show where there is no terminal: a summary, then a line an event. With `json` the events alone. */
import type { ApiClient } from '../api/api-client.ts'
import { statusSchema } from '../../core/views/status.ts'
import { followEvents } from '../api/follow-events.ts'
import type { Io } from '../io.ts'
import { eventLine } from '../output/describe-event.ts'
import { noPaint } from '../output/paint.ts'
import { printable } from '../output/printable.ts'
import { renderStatus } from './render-status.ts'

export interface PrintEventsOptions {
  readonly client: ApiClient
  readonly io: Io
  readonly json: boolean
  readonly signal: AbortSignal
}

/** Ends when `signal` aborts. Throws CommandError when there is no connection to begin with. */
export async function printEvents({ client, io, json, signal }: PrintEventsOptions): Promise<void> {
  if (!json) {
    const status = await client.send({ path: 'v1/status' }, statusSchema)
    const context = { size: { columns: 200, rows: 60 }, nowMs: io.now(), paint: noPaint }
    const summary = renderStatus({ status, hints: [], lost: null }, context)
    io.stdout.write(`${summary.join('\n')}\n`)
  }
  for await (const followed of followEvents(client, io, signal)) {
    if (followed.kind === 'event')
      io.stdout.write(`${json ? JSON.stringify(followed.event) : eventLine(followed.event)}\n`)
    if (followed.kind === 'gap') io.stderr.write('some events were missed here\n')
    if (followed.kind === 'lost')
      io.stderr.write(`${printable(`connection lost: ${followed.reason}; trying again`)}\n`)
  }
}
