/**
 * Server-sent events to one client (WHATWG HTML 9.2): first what it missed, then what comes.
 * What must stay true: nothing is lost or sent twice between the two; a client that does not read is dropped, never waited
 * for, and costs a bounded amount of memory; it comes back with its last id.
 */
import type { ServerResponse } from 'node:http'
import type { ResetEvent } from '../core/views/event-stream.ts'
import type { Clock } from '../ports/clock.ts'
import type { EventLog, LoggedEvent } from './event-log.ts'

const HEARTBEAT_MS = 10_000
const RETRY_MS = 1_000

export interface EventStreamOptions {
  readonly log: EventLog
  readonly clock: Clock
  /** A client that has so many bytes unread is dropped. */
  readonly maxBufferedBytes: number
}

export class EventStreams {
  readonly #options: EventStreamOptions
  readonly #open = new Set<ServerResponse>()

  constructor(options: EventStreamOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#open.size
  }

  /** Takes the response over, for as long as the client reads. `lastId` is null for a client that is new. */
  start(response: ServerResponse, lastId: number | null): void {
    const { log, clock, maxBufferedBytes } = this.#options
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const send = (text: string) => {
      if (response.writableLength > maxBufferedBytes) response.destroy()
      else response.write(text)
    }
    const first = lastId === null ? '' : beginning(log, lastId, maxBufferedBytes)
    send(`retry: ${RETRY_MS}\n: connected\n\n${first}`)
    const unsubscribe = log.subscribe((logged) => {
      send(frameOf(logged))
    })
    let cancel = (): void => undefined
    const beat = (): void => {
      cancel = clock.after(HEARTBEAT_MS, () => {
        send(': still here\n\n')
        beat()
      })
    }
    beat()
    this.#open.add(response)
    response.once('close', () => {
      cancel()
      unsubscribe()
      this.#open.delete(response)
    })
    response.on('error', () => response.destroy())
  }

  /** Ends every stream. */
  end(): void {
    for (const response of this.#open) response.end()
  }
}

/** What a client missed that comes back; one that missed too much is told to read everything anew. */
function beginning(log: EventLog, lastId: number, maxBytes: number): string {
  const resumption = log.after(lastId)
  if (resumption.kind === 'reset') return resetFrame(log, resumption.reason)
  let missed = ''
  for (const logged of resumption.events) {
    missed += frameOf(logged)
    if (missed.length > maxBytes) return resetFrame(log, 'too many events were missed to send them all')
  }
  return missed
}

function resetFrame(log: EventLog, reason: string): string {
  const reset: ResetEvent = { reason }
  return `id: ${log.lastId}\nevent: reset\ndata: ${JSON.stringify(reset)}\n\n`
}

function frameOf({ id, event }: LoggedEvent): string {
  return `id: ${id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`
}
