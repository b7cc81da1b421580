/**
 * The feed as a node has it: from any control that answers, and from its own disk when none does.
 * What must stay true: it starts from the disk as soon as every control was tried once in vain, or after START_MS; what a
 * control says that cannot be taken changes nothing; what was taken is on disk within a second; a control that falls silent is
 * left for the next.
 */
import type { Logger } from 'pino'
import type { Clock } from '../../ports/clock.ts'
import type { ConfigurationSnapshot, Feed } from '../../ports/feed.ts'
import { Backoff } from './backoff.ts'
import { FeedConnection, type ControlAddress } from './feed-connection.ts'
import type { FeedFile } from './feed-file.ts'
import type { FeedMessage } from './feed-message.ts'
import { FeedSaver } from './feed-saver.ts'
import { feedStateOf, nextFeedState, snapshotOf, type FeedState } from './feed-state.ts'
import type { TlsIdentity } from './tls-identity.ts'

export interface FeedClientOptions {
  /** Tried in this order, from one chosen at random. */
  readonly controls: readonly ControlAddress[]
  readonly tls: TlsIdentity
  readonly file: FeedFile
  readonly clock: Clock
  readonly logger: Logger
  readonly onAlarm: (message: string) => void
}

/** So long a node waits for a control before it starts from its disk. */
const START_MS = 3_000
const BACKOFF = { firstMs: 200, maxMs: 5_000 }
/** That are told while no control answers. */
const MAX_REASONS = 8

export class FeedClient implements Feed {
  readonly #options: FeedClientOptions
  readonly #listeners = new Set<(snapshot: ConfigurationSnapshot) => void>()
  readonly #backoff = new Backoff(BACKOFF)
  readonly #saver: FeedSaver
  #controls: readonly ControlAddress[]
  #state: FeedState | null = null
  /** What was handed on. */
  #current: ConfigurationSnapshot | null = null
  #source: 'connected' | 'disk' | 'none' = 'none'
  #connection: FeedConnection | null = null
  #index = 0
  #failures = 0
  /** Ask for everything: what came last did not fit what is held. */
  #fromNothing = false
  /** Why no control answered, since one did: each reason is told once. */
  readonly #saidLost = new Set<string>()
  #timers: (() => void)[] = []
  #stopped = false

  constructor(options: FeedClientOptions) {
    this.#options = options
    this.#controls = options.controls
    this.#saver = new FeedSaver(options)
    this.#index = Math.floor(Math.random() * options.controls.length)
  }

  current(): ConfigurationSnapshot | null {
    return this.#current
  }

  get source(): 'connected' | 'disk' | 'none' {
    return this.#source
  }

  subscribe(listener: (snapshot: ConfigurationSnapshot) => void): () => void {
    this.#listeners.add(listener)
    if (this.#current !== null) listener(this.#current)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when the disk was read; the first snapshot may come later. */
  async start(): Promise<void> {
    const saved = await this.#options.file.load()
    if (this.#stopped) return
    this.#state = saved === null ? null : feedStateOf(saved)
    this.#after(START_MS, () => {
      this.#startFromDisk()
    })
    this.#connect()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const cancel of this.#timers.splice(0)) cancel()
    this.#connection?.stop()
    await this.#saver.stop()
  }

  /** Other controls to ask from now on; the connection that there is stays if it is to one of them. */
  setControls(controls: readonly ControlAddress[]): void {
    this.#controls = controls
    const { to } = this.#connection ?? {}
    if (to === undefined || controls.some(({ host, port }) => host === to.host && port === to.port)) return
    this.#connection?.stop()
    this.#connection = null
    this.#connect()
  }

  #connect(): void {
    const to = this.#controls[this.#index % this.#controls.length]
    if (to === undefined || this.#stopped) return
    const { tls, clock } = this.#options
    const from = this.#fromNothing ? null : this.#state
    this.#connection = new FeedConnection({
      ...{ to, tls, clock, from },
      onMessage: (message) => {
        this.#take(message, to)
      },
      onEnd: (reason) => {
        this.#lost(to, reason)
      },
    })
  }

  #take(message: FeedMessage, from: ControlAddress): void {
    const next = nextFeedState(this.#state, message)
    this.#failures = 0
    this.#backoff.reset()
    this.#fromNothing = false
    if (this.#source !== 'connected' || this.#saidLost.size > 0)
      this.#options.logger.info(
        { control: from, revision: next?.revision ?? 0 },
        'the feed comes from a control',
      )
    this.#saidLost.clear()
    this.#source = 'connected'
    if (next === null || message.kind === 'heartbeat') return
    const isNew = next !== this.#state
    if (message.kind === 'snapshot' && this.#state !== null && next.revision < this.#state.revision)
      this.#options.onAlarm(
        `control ${placeOf(from)} has revision ${next.revision}, this node had ${this.#state.revision}: the store went back`,
      )
    this.#state = next
    if (isNew) this.#saver.save(() => snapshotOf(next))
    this.#handOn(next)
  }

  #lost(
    control: ControlAddress,
    { reason, isBadFeed }: { readonly reason: string; readonly isBadFeed: boolean },
  ): void {
    this.#connection = null
    if (isBadFeed) {
      this.#fromNothing = true
      this.#options.onAlarm(
        `what control ${placeOf(control)} sends cannot be taken (${reason}): revision ${this.#state?.revision ?? 0} stays in force`,
      )
    } else if (this.#saidLost.size < MAX_REASONS && !this.#saidLost.has(reason)) {
      this.#options.logger.warn(
        { control, reason },
        'a control does not answer: the configuration stays as it is',
      )
    }
    if (this.#saidLost.size < MAX_REASONS) this.#saidLost.add(reason)
    this.#failures += 1
    this.#index += 1
    if (this.#source === 'connected') this.#source = 'disk'
    if (this.#failures >= this.#controls.length) this.#startFromDisk()
    // The next control is asked at once: only a round of all of them is worth a wait.
    const isRound = this.#failures % Math.max(1, this.#controls.length) === 0
    this.#after(isRound ? this.#backoff.next(Math.random()) : 0, () => {
      this.#connect()
    })
  }

  #startFromDisk(): void {
    if (this.#current !== null || this.#state === null) return
    this.#source = 'disk'
    this.#options.logger.warn(
      { revision: this.#state.revision },
      'no control answers: starting with the configuration on disk',
    )
    this.#handOn(this.#state)
  }

  #handOn({ revision, configuration }: FeedState): void {
    if (this.#current?.configuration === configuration) return
    this.#current = { revision, configuration }
    for (const listener of this.#listeners) listener(this.#current)
  }

  #after(delayMs: number, callback: () => void): void {
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers = this.#timers.filter((one) => one !== cancel)
      callback()
    })
    this.#timers.push(cancel)
  }
}

function placeOf({ host, port }: ControlAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
