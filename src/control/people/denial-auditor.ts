/**
 * Writes to the audit log what was denied.
 * What must stay true: nobody waits for it; a flood of attempts alike costs one entry a minute, which says how many they were, and so
 * do the many different ones of one token; what waits is bounded, and what had to be left out is counted in an entry of its own.
 */
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { AuditEntry, AuditLog } from '../../ports/audit.ts'
import type { Clock } from '../../ports/clock.ts'

export interface Denial {
  readonly actor: string
  readonly from: string
  readonly action: string
  readonly detail: string
}

export interface DenialAuditorOptions {
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
  readonly logger: Logger
}

interface Counted {
  readonly denial: Denial
  times: number
}

/** Those alike within this time are one entry, after the first of them. */
const WINDOW_MS = 60_000
const FLUSH_MS = 200
const RETRY_MS = 5_000
const MAX_ALIKE = 1_000
/** Of one token in a window: what is more than that is one entry. */
const MAX_OF_ACTOR = 20
const MAX_WAITING = 5_000

export class DenialAuditor {
  readonly #options: DenialAuditorOptions
  /** Of this window, by what makes them alike. */
  #counted = new Map<string, Counted>()
  /** Different ones of each token in this window. */
  readonly #ofActor = new Map<string, number>()
  #leftOut = 0
  #waiting: AuditEntry[] = []
  #cancelWindow: (() => void) | null = null
  #cancelFlush: (() => void) | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(options: DenialAuditorOptions) {
    this.#options = options
  }

  denied(attempt: Denial): void {
    const denial = this.#ofManyByOne(attempt)
    // Who has no token can make up paths without an end: these are alike by their address and by why.
    const { actor, from, action, detail } = denial
    const key = JSON.stringify(actor === '' ? [from, detail] : [actor, from, action, detail])
    this.#cancelWindow ??= this.#options.clock.after(WINDOW_MS, () => {
      this.#endWindow()
    })
    const known = this.#counted.get(key)
    if (known !== undefined) known.times += 1
    else if (this.#counted.size >= MAX_ALIKE) this.#leftOut += 1
    else {
      this.#counted.set(key, { denial, times: 0 })
      this.#add(denial, 1)
    }
  }

  /** So is, of whoever has a token, all that is beyond the first few of a window. */
  #ofManyByOne(attempt: Denial): Denial {
    const { actor, from, action, detail } = attempt
    if (actor === '' || this.#counted.has(JSON.stringify([actor, from, action, detail]))) return attempt
    const count = (this.#ofActor.get(actor) ?? 0) + 1
    this.#ofActor.set(actor, count)
    return count <= MAX_OF_ACTOR ? attempt : { actor, from, action: 'several', detail: 'too many to name' }
  }

  /** Writes what is known, once. */
  async stop(): Promise<void> {
    this.#endWindow()
    this.#stopFlushing()
    await this.#writing
    await this.#flush()
    this.#stopFlushing()
  }

  #stopFlushing(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = null
  }

  #endWindow(): void {
    this.#cancelWindow?.()
    this.#cancelWindow = null
    const counted = this.#counted
    this.#counted = new Map()
    this.#ofActor.clear()
    for (const { denial, times } of counted.values()) if (times > 0) this.#add(denial, times)
    if (this.#leftOut > 0)
      this.#add({ actor: '', from: 'several', action: 'several', detail: 'too many to name' }, this.#leftOut)
    this.#leftOut = 0
  }

  #add(denial: Denial, times: number): void {
    const { clock } = this.#options
    if (this.#waiting.length >= MAX_WAITING) {
      this.#leftOut += times
      return
    }
    this.#waiting.push({
      ...{ id: randomUUID(), atMs: clock.wallMs(), ...denial, outcome: 'denied', revision: null },
      ...{ changes: [], changeCount: 0, times },
    })
    this.#flushAfter(FLUSH_MS)
  }

  #flushAfter(delayMs: number): void {
    this.#cancelFlush ??= this.#options.clock.after(delayMs, () => {
      this.#cancelFlush = null
      this.#writing = this.#flush()
    })
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting
    this.#waiting = []
    try {
      await this.#options.audit.append(batch)
    } catch (error) {
      this.#options.logger.error(
        { err: error, entries: batch.length },
        'denied attempts could not be audited',
      )
      // The same entries once more: an id that is there already is left alone.
      this.#waiting = [...batch, ...this.#waiting]
      this.#flushAfter(RETRY_MS)
    }
  }
}
