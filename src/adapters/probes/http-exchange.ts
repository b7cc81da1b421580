/**
 * One request and its reply on one connection, as the user of it.
 * What must stay true: `onOutcome` or `onLost` is called, once, and nothing after it.
 */
import type { ConnectionUser, ProbeConnection } from './probe-connection.ts'
import { HttpResponseReader, type HttpResponse } from './http-response-reader.ts'
import { MAX_BODY_BYTES, type Asked } from './reply-judge.ts'

export type ExchangeOutcome =
  | {
      readonly kind: 'response'
      readonly response: HttpResponse
      /** Nothing in the reply, nor after it, speaks against another request on this connection. */
      readonly isReusable: boolean
    }
  | { readonly kind: 'malformed'; readonly detail: string }

export interface ExchangeHooks {
  onFirstByte(afterMs: number): void
  onOutcome(outcome: ExchangeOutcome): void
  /** The connection broke before the reply was complete; null: closed without an error. */
  onLost(error: unknown): void
}

export class HttpExchange implements ConnectionUser {
  readonly #connection: ProbeConnection
  readonly #reader: HttpResponseReader
  readonly #hooks: ExchangeHooks
  readonly #sentAtMs = performance.now()
  #hasFirstByte = false

  /** Sends the request. */
  constructor(connection: ProbeConnection, asked: Asked, hooks: ExchangeHooks) {
    this.#connection = connection
    this.#hooks = hooks
    this.#reader = new HttpResponseReader({
      isHead: asked.request.method === 'HEAD',
      maxBodyBytes: MAX_BODY_BYTES,
      keepsBody: asked.monitor.bodyMatch !== undefined,
    })
    connection.user = this
    connection.write(asked.text, 'latin1')
  }

  onData(bytes: Buffer): void {
    if (!this.#hasFirstByte) {
      this.#hasFirstByte = true
      this.#hooks.onFirstByte(performance.now() - this.#sentAtMs)
    }
    const outcome = this.#reader.push(bytes)
    if (outcome.kind === 'response') this.#end({ ...outcome, isReusable: this.#reader.isReusable() })
    else if (outcome.kind === 'malformed') this.#end(outcome)
  }

  onEnd(): void {
    const outcome = this.#reader.end()
    this.#end(outcome.kind === 'response' ? { ...outcome, isReusable: false } : outcome)
  }

  onError(error: unknown): void {
    this.#connection.user = null
    this.#hooks.onLost(error)
  }

  onClose(): void {
    this.onError(null)
  }

  #end(outcome: ExchangeOutcome): void {
    this.#connection.user = null
    this.#hooks.onOutcome(outcome)
  }
}
