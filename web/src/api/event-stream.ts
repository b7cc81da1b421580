/**
 * One connection to the event stream, read as it comes: `EventSource` cannot send a token.
 * What must stay true: a connection on which nothing comes, not even the heartbeat of every ten seconds, ends.
 */
import { SseParser, type SseMessage } from '../../../src/core/net/sse-parser.ts'
import { awayOf, refusalOf, send, type Away, type Refusal } from './call.ts'

const SILENCE_MS = 25_000

export interface StreamRequest {
  readonly token: string
  /** Of the last event that came; '' for none. */
  readonly lastId: string
  /** Ends it. */
  readonly signal: AbortSignal
  /** The connection stands. */
  readonly onOpen: () => void
  /** Anything came: no messages for a heartbeat. */
  readonly onHeard: (messages: readonly SseMessage[]) => void
}

/** Ends when the connection does, or `signal` says so: with the reason. */
export async function readEventStream(request: StreamRequest): Promise<Refusal | Away> {
  const silence = new Silence()
  const signal = AbortSignal.any([request.signal, silence.signal])
  try {
    const { token, lastId, onOpen, onHeard } = request
    const more = { accept: 'text/event-stream', ...(lastId !== '' && { 'last-event-id': lastId }) }
    const response = await send({ path: '/v1/events', token }, signal, more)
    if (!response.ok || response.body === null) return await refusalOf(response)
    onOpen()
    const parser = new SseParser()
    const decoder = new TextDecoder()
    const reader = response.body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { kind: 'away', reason: 'the control has ended the connection' }
      silence.isBroken()
      onHeard(parser.push(decoder.decode(value, { stream: true })))
    }
  } catch (error) {
    return awayOf(error)
  } finally {
    silence.end()
  }
}

/** Aborts when it was not broken for a while. */
class Silence {
  readonly #ending = new AbortController()
  #timer = 0

  constructor() {
    this.isBroken()
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  isBroken(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#ending.abort(new DOMException('nothing came', 'TimeoutError'))
    }, SILENCE_MS)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
