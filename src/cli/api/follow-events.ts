/**
 * The event stream, followed for as long as the caller wants it: reconnects with backoff and resumes after the last event.
 * What must stay true: nothing is shown twice and nothing is left out unsaid: where the server no longer has what was missed,
 * a `gap` says so.
 */
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { SseParser } from '../../core/net/sse-parser.ts'
import { eventSchema, type StatusEvent } from '../../core/views/status.ts'
import type { Io } from '../io.ts'
import type { ApiClient } from './api-client.ts'
import { reasonOf } from './reason-of.ts'

export type Followed =
  | { readonly kind: 'connected' }
  | { readonly kind: 'event'; readonly event: StatusEvent }
  /** Events were missed: what is shown must be fetched anew. */
  | { readonly kind: 'gap' }
  | { readonly kind: 'lost'; readonly reason: string }

const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 5_000

/** Ends when `signal` aborts. Throws CommandError when the very first connection fails, and when the token is refused. */
export async function* followEvents(
  client: ApiClient,
  io: Io,
  signal: AbortSignal,
): AsyncGenerator<Followed> {
  let lastId = ''
  let retryMs = FIRST_RETRY_MS
  let everConnected = false
  const ended = () => signal.aborted
  while (!ended()) {
    let reason = 'the server ended the stream'
    try {
      const headers = { accept: 'text/event-stream', ...(lastId === '' ? {} : { 'last-event-id': lastId }) }
      const body = await client.stream({ path: 'v1/events' }, { headers, signal })
      everConnected = true
      yield { kind: 'connected' }
      for await (const message of messagesOf(body)) {
        retryMs = FIRST_RETRY_MS
        lastId = message.id
        const followed = followedOf(message)
        if (followed !== null) yield followed
      }
    } catch (error) {
      if ((!everConnected || isRefusal(error)) && !ended()) throw error
      reason = error instanceof CommandError ? error.message : reasonOf(error)
    }
    if (ended()) return
    yield { kind: 'lost', reason }
    await io.delay(retryMs, signal)
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof CommandError && error.exitCode === EXIT.denied
}

async function* messagesOf(body: ReadableStream<Uint8Array>) {
  const parser = new SseParser()
  const decoder = new TextDecoder()
  for await (const chunk of body) yield* parser.push(decoder.decode(chunk, { stream: true }))
}

/** A kind of event that this version does not know is passed over: a newer server may send more. */
function followedOf(message: { readonly event: string; readonly data: string }): Followed | null {
  if (message.event === 'reset') return { kind: 'gap' }
  const parsed = eventSchema.safeParse(parseJson(message.data))
  return parsed.success ? { kind: 'event', event: parsed.data } : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
