/**
 * Writes to the audit log what was denied.
 * What must stay true: nobody waits for it; a flood of attempts alike costs one entry a minute, which says how many they were, and so
 * do the many different ones of one token, one node or one network, which take nothing of what is kept of others; strangers take nothing
 * of what is kept of those who are known; what waits is bounded, and what had to be left out is counted in an entry of its own.
 */
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { FairShare, type ShareOf } from '../../core/access/fair-share.ts'
import { clientNetwork } from '../../core/net/client-network.ts'
import type { AuditEntry, AuditLog } from '../../ports/audit.ts'
import type { Clock } from '../../ports/clock.ts'

export interface Denial {
  readonly actor: string
  readonly from: string
  readonly action: string
  readonly detail: string
  /** Who answers for it: a node; '' : nobody does, whatever it says who it is. Absent: the actor, where there is one. */
  readonly by?: string
}

export interface DenialAuditorOptions {
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
  readonly logger: Logger
}

interface Counted {
  readonly denial: Omit<Denial, 'by'>
  times: number
}

/** Those alike within this time are one entry, after the first of them. */
const WINDOW_MS = 60_000
const FLUSH_MS = 200
const RETRY_MS = 5_000
/** In a window. What is more of one of them is one entry. */
const OF_KNOWN: ShareOf = { each: 20, known: 500, more: 500 }
const OF_NETWORKS: ShareOf = { each: 50, known: 500, more: 500 }
const MAX_WAITING = 5_000
const SEVERAL = { action: 'several', detail: 'too many to name' }

export class DenialAuditor {
  readonly #options: DenialAuditorOptions
  /** Of this window, by what makes them alike. */
  #counted = new Map<string, Counted>()
  readonly #ofKnown = new FairShare(OF_KNOWN)
  readonly #ofNetworks = new FairShare(OF_NETWORKS)
  #leftOut = 0
  #waiting: AuditEntry[] = []
  #cancelWindow: (() => void) | null = null
  #cancelFlush: (() => void) | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(options: DenialAuditorOptions) {
    this.#options = options
  }

  denied({ by, ...denial }: Denial): void {
    this.#cancelWindow ??= this.#options.clock.after(WINDOW_MS, () => {
      this.#endWindow()
    })
    if (this.#isKnown(denial)) return
    const { from } = denial
    const source = by ?? denial.actor
    const [share, key] = source === '' ? [this.#ofNetworks, clientNetwork(from)] : [this.#ofKnown, source]
    if (share.take(key)) {
      this.#begin(denial)
      return
    }
    const several = { actor: source, from: source === '' ? key : 'several', ...SEVERAL }
    if (this.#isKnown(several)) return
    if (share.knows(key)) this.#begin(several)
    else this.#leftOut += 1
  }

  /** Another one of those that are counted. */
  #isKnown(denial: Counted['denial']): boolean {
    const known = this.#counted.get(keyOf(denial))
    if (known !== undefined) known.times += 1
    return known !== undefined
  }

  #begin(denial: Counted['denial']): void {
    this.#counted.set(keyOf(denial), { denial, times: 0 })
    this.#add(denial, 1)
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
    this.#ofKnown.reset()
    this.#ofNetworks.reset()
    for (const { denial, times } of counted.values()) if (times > 0) this.#add(denial, times)
    if (this.#leftOut > 0) this.#add({ actor: '', from: 'several', ...SEVERAL }, this.#leftOut)
    this.#leftOut = 0
  }

  #add(denial: Counted['denial'], times: number): void {
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

function keyOf({ actor, from, action, detail }: Counted['denial']): string {
  // Who has no token can make up paths without an end: these are alike by their address and by why.
  return JSON.stringify(actor === '' ? [from, detail] : [actor, from, action, detail])
}
