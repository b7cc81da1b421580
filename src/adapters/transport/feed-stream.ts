/**
 * One node's feed as control serves it: what it misses, then each revision as it comes, and a heartbeat.
 * What must stay true: query, send, wait, query again, so that no revision is lost between two of them; a revision comes from
 * the store or, where that does not answer, as part of a whole snapshot from memory; a node that does not read is ended.
 */
import type { ServerResponse } from 'node:http'
import type { Clock } from '../../ports/clock.ts'
import type { ConfigurationSnapshot, Feed } from '../../ports/feed.ts'
import type { Store } from '../../ports/store.ts'
import type { DeltaLine, DeltaLines } from './delta-lines.ts'
import type { FeedMessage } from './feed-message.ts'
import type { SnapshotLines } from './snapshot-lines.ts'

export interface FeedPosition {
  readonly revision: number
  readonly changeSet: string
}

export interface FeedStreamOptions {
  readonly response: ServerResponse
  /** What the node holds; null: nothing. */
  readonly from: FeedPosition | null
  readonly feed: Feed
  readonly store: Pick<Store, 'revision'>
  readonly lines: SnapshotLines
  readonly deltas: DeltaLines
  readonly clock: Clock
}

const HEARTBEAT_MS = 5_000
const UNREAD_MS = 60_000

export class FeedStream {
  readonly #options: FeedStreamOptions
  #wake = Promise.withResolvers<undefined>()
  #sent: number | null = null
  #ended = false

  constructor(options: FeedStreamOptions) {
    this.#options = options
  }

  /** Resolves when the connection has ended. */
  async run(): Promise<void> {
    const { response, feed } = this.#options
    const wake = () => {
      this.#wake.resolve(undefined)
    }
    const unsubscribe = feed.subscribe(wake)
    response.once('close', () => {
      this.end()
    })
    try {
      await this.#begin()
      while (!this.#ended) {
        this.#wake = Promise.withResolvers<undefined>()
        if (!(await this.#catchUp())) await this.#rest()
      }
    } finally {
      unsubscribe()
      response.end()
    }
  }

  end(): void {
    this.#ended = true
    this.#wake.resolve(undefined)
  }

  async #begin(): Promise<void> {
    const { from, store } = this.#options
    if (from === null || from.revision === 0) return
    const known = await orNull(store.revision(from.revision))
    if (known?.changeSetId !== from.changeSet) return
    await this.#send({ kind: 'resumed', revision: from.revision })
    this.#sent = from.revision
  }

  /** True when something was sent. */
  async #catchUp(): Promise<boolean> {
    const current = this.#options.feed.current()
    if (current === null || current.revision === this.#sent) return false
    const deltas = await this.#missing(current)
    if (deltas === null) {
      await this.#write(await this.#options.lines.lineOf(current))
      this.#sent = current.revision
      return true
    }
    for (const { line, revision } of deltas) {
      await this.#write(line)
      this.#sent = revision
    }
    return true
  }

  /** The next revisions; null when only a whole snapshot will do. */
  async #missing(current: ConfigurationSnapshot): Promise<readonly DeltaLine[] | null> {
    if (this.#sent === null || current.revision < this.#sent) return null
    return this.#options.deltas.linesAfter(this.#sent, current)
  }

  async #rest(): Promise<void> {
    const { clock, feed } = this.#options
    const heartbeat = Promise.withResolvers<'heartbeat'>()
    const cancel = clock.after(HEARTBEAT_MS, () => {
      heartbeat.resolve('heartbeat')
    })
    const woken = await Promise.race([heartbeat.promise, this.#wake.promise])
    cancel()
    if (woken === 'heartbeat') await this.#send({ kind: 'heartbeat', head: feed.current()?.revision ?? 0 })
  }

  #send(message: Exclude<FeedMessage, { kind: 'snapshot' }>): Promise<void> {
    return this.#write(Buffer.from(`${JSON.stringify(message)}\n`))
  }

  /** Resolves when there is room for more. */
  async #write(line: Uint8Array): Promise<void> {
    const { response, clock } = this.#options
    if (this.#ended || response.write(line)) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const done = () => {
      resolve(undefined)
    }
    const cancel = clock.after(UNREAD_MS, () => {
      response.destroy()
    })
    response.once('drain', done)
    response.once('close', done)
    await promise
    cancel()
    response.off('drain', done)
    response.off('close', done)
  }
}

/** The store may be gone: the feed goes on from memory. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch {
    return null
  }
}
