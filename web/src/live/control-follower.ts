/**
 * Keeps what the page knows current, for as long as its owner is signed in: the event stream says that something happened, and changes
 * what it can at once; everything else is read anew.
 * What must stay true: what was known stays when the control is gone; a burst of events costs one reading; who is refused is signed out;
 * a tab that nobody sees holds no connection, and of those that are seen so many hold one that readings have the others.
 */
import type { Signal } from '@preact/signals'
import type { SseMessage } from '../../../src/core/net/sse-parser.ts'
import type { StatusEvent } from '../../../src/core/views/status.ts'
import type { Away, Refusal } from '../api/call.ts'
import { readEventStream } from '../api/event-stream.ts'
import { readKnown } from '../api/read-known.ts'
import { connectionAfter, type Connection } from '../state/connection.ts'
import { knownAfter, type Known } from '../state/known.ts'
import { retryPauseMs } from '../state/retry-pause.ts'
import { PacedReading } from './paced-reading.ts'
import { pause } from './pause.ts'
import { takeStreamSlot } from './stream-slot.ts'
import { tab } from './tab.ts'

export interface FollowerOptions {
  readonly token: string
  readonly known: Signal<Known | null>
  readonly connection: Signal<Connection>
  /** The token is no longer good. */
  readonly onRefused: () => void
}

interface Following {
  readonly read: () => Promise<void>
  readonly signal: AbortSignal
}

/** A newer control may send more kinds of events: they are passed over. */
const KINDS: ReadonlySet<string> = new Set<StatusEvent['kind']>([
  ...(['transition', 'publication', 'revision', 'steering', 'alarm'] as const),
])

/** Without the stream, until it is tried again. */
const WITHOUT_MS = 30_000
const TOO_MANY = 'other tabs of this browser follow the control already'
const HIDDEN: Away = { kind: 'away', reason: 'this tab was hidden' }

export class ControlFollower {
  readonly #options: FollowerOptions
  readonly #ending = new AbortController()
  #lastId = ''
  #heardAtMs = Date.now()
  #failures = 0
  /** Why there is no stream though the control answers; '' where there is one. */
  #without = ''
  /** Events that came since the reading that is under way began; null: none is. */
  #whileReading: StatusEvent[] | null = null

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  stop(): void {
    this.#ending.abort()
  }

  async run(): Promise<void> {
    const { connection, onRefused } = this.#options
    const { signal } = this.#ending
    const ended = () => signal.aborted
    while (!ended()) {
      await tab.shown(signal)
      const end = await this.#connect()
      if (ended()) return
      if (end === null) continue
      if (end.kind === 'refused' && end.status === 401) {
        onRefused()
        return
      }
      const reason = end.kind === 'away' ? end.reason : end.sentence
      const heardAtMs = this.#heardAtMs
      connection.value = connectionAfter(connection.value, { kind: 'broke', heardAtMs, reason })
      if (end === HIDDEN) continue
      await pause(retryPauseMs(this.#failures, Math.random()), signal)
      this.#failures += 1
    }
  }

  /** One connection, and readings for as long as it lasts: a reading that fails ends it. null: try again at once. */
  async #connect(): Promise<Refusal | Away | null> {
    const ending = new AbortController()
    const signal = AbortSignal.any([this.#ending.signal, ending.signal])
    const hidden = Promise.withResolvers<Away>()
    const failed = Promise.withResolvers<Refusal | Away>()
    tab.onHidden(() => {
      hidden.resolve(HIDDEN)
    }, signal)
    const reading = new PacedReading()
    const read = () =>
      reading.run(async () => {
        const failure = await this.#read(signal)
        if (failure !== null) failed.resolve(failure)
      }, signal)
    const end = await Promise.race([this.#follow(reading, { read, signal }), failed.promise, hidden.promise])
    ending.abort()
    return end
  }

  /** By the stream; or without, for a while, where this browser or the control has none to give. */
  async #follow(reading: PacedReading, { read, signal }: Following): Promise<Refusal | Away | null> {
    const end = (await takeStreamSlot(signal))
      ? await this.#followStream(reading, { read, signal })
      : TOO_MANY
    if (typeof end !== 'string' && (end.kind === 'away' || end.status === 401)) return end
    this.#without = typeof end === 'string' ? end : end.sentence
    void read()
    await pause(WITHOUT_MS, signal)
    return null
  }

  #followStream(reading: PacedReading, { read, signal }: Following): Promise<Refusal | Away> {
    return readEventStream({
      ...{ token: this.#options.token, lastId: this.#lastId, signal },
      onOpen: () => {
        this.#without = ''
        void read()
      },
      onHeard: (messages) => {
        this.#heardAtMs = Date.now()
        for (const message of messages) this.#take(message)
        if (messages.length > 0) reading.ask()
      },
    })
  }

  /** null: it went well. */
  async #read(signal: AbortSignal): Promise<Refusal | Away | null> {
    const { token, known, connection } = this.#options
    this.#whileReading = []
    const reply = await readKnown(token, signal)
    // The control may have answered before they happened.
    const since = this.#whileReading
    this.#whileReading = null
    if (reply.kind !== 'ok') return reply
    if (signal.aborted) return null
    this.#heardAtMs = Date.now()
    this.#failures = 0
    known.value = since.reduce(knownAfter, reply.body)
    connection.value = connectionAfter(connection.value, { kind: 'read', without: this.#without })
    return null
  }

  #take({ event, data, id }: SseMessage): void {
    this.#lastId = id
    if (!KINDS.has(event)) return
    const { known } = this.#options
    const happened = JSON.parse(data) as StatusEvent
    this.#whileReading?.push(happened)
    if (known.value !== null) known.value = knownAfter(known.value, happened)
  }
}
