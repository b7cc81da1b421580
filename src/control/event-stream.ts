/**
 * Server-sent events to one client (WHATWG HTML 9.2): first what it missed, then what comes.
 * What must stay true: nothing is lost or sent twice between the two; a client that does not read is dropped, never waited
 * for, and costs a bounded amount of memory; it comes back with its last id; who may not read any more is cut off within a second.
 */
import type { ServerResponse } from 'node:http'
import type { ResetEvent } from '../core/views/event-stream.ts'
import type { Clock } from '../ports/clock.ts'
import type { EventLog, LoggedEvent } from './event-log.ts'

const HEARTBEAT_MS = 10_000
const RETRY_MS = 1_000
const LOOK_MS = 500

export interface EventStreamOptions {
  readonly log: EventLog
  readonly clock: Clock
  /** A client that has so many bytes unread is dropped. */
  readonly maxBufferedBytes: number
}

export interface Follower {
  /** null for a client that is new. */
  readonly lastId: number | null
  /** Its token may have been revoked, or be over. */
  readonly mayRead: () => boolean
}

export class EventStreams {
  readonly #options: EventStreamOptions
  readonly #open = new Map<ServerResponse, Follower>()
  #isLooking = false

  constructor(options: EventStreamOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#open.size
  }

  /** Takes the response over, for as long as the client reads, and may. */
  start(response: ServerResponse, follower: Follower): void {
    const { lastId } = follower
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
    this.#open.set(response, follower)
    this.#look()
    response.once('close', () => {
      cancel()
      unsubscribe()
      this.#open.delete(response)
    })
    response.on('error', () => response.destroy())
  }

  /** Ends every stream. */
  end(): void {
    for (const response of this.#open.keys()) response.end()
  }

  /** For as long as there are streams. */
  #look(): void {
    if (this.#isLooking || this.#open.size === 0) return
    this.#isLooking = true
    this.#options.clock.after(LOOK_MS, () => {
      this.#isLooking = false
      for (const [response, { mayRead }] of this.#open) if (!mayRead()) response.destroy()
      this.#look()
    })
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
