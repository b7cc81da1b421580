/**
 * Writes to the audit log what was denied.
 * What must stay true: nobody waits for it; a flood of attempts alike costs one entry a minute, which says how many they were, and so
 * do the many different ones of one token, one node or one network, which take nothing of what is kept of others (denial-shares.ts);
 * what waits is bounded, and what had to be left out is counted in an entry of its own.
 */
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { clientNetwork } from '../../core/net/client-network.ts'
import type { AuditEntry, AuditLog } from '../../ports/audit.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Denial } from './denial.ts'
import { DenialShares, sourceOf, type DenialSource } from './denial-shares.ts'

export interface DenialAuditorOptions {
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
  readonly logger: Logger
}

type Told = Pick<Denial, 'actor' | 'from' | 'action' | 'detail'>

interface Counted {
  /** Of those after the first one, what they have in common. */
  denial: Told
  times: number
}

/** Those alike within this time are one entry, after the first of them. */
const WINDOW_MS = 60_000
const FLUSH_MS = 200
const RETRY_MS = 5_000
const MAX_WAITING = 5_000
const SEVERAL = { action: 'several', detail: 'too many to name' }

export class DenialAuditor {
  readonly #options: DenialAuditorOptions
  /** Of this window, by what makes them alike. */
  #counted = new Map<string, Counted>()
  readonly #shares = new DenialShares()
  #leftOut = 0
  #waiting: AuditEntry[] = []
  #cancelWindow: (() => void) | null = null
  #cancelFlush: (() => void) | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(options: DenialAuditorOptions) {
    this.#options = options
  }

  denied(denial: Denial): void {
    this.#cancelWindow ??= this.#options.clock.after(WINDOW_MS, () => {
      this.#endWindow()
    })
    const { actor, from, action, detail } = denial
    const key = keyOf(denial)
    if (this.#isKnown(key, { actor, from, action, detail })) return
    const source = sourceOf(denial)
    if (this.#shares.take(source)) {
      this.#begin(key, { actor, from, action, detail })
      return
    }
    const group = this.#shares.groupOf(source)
    if (group === null) this.#leftOut += 1
    else this.#addSeveral(group, from)
  }

  #addSeveral(group: DenialSource, from: string): void {
    const { kind, outer, inner } = group
    const at = outer !== '' && (kind === 'relayed' || kind === 'vouched') ? `at ${outer}: ` : ''
    const actor = kind === 'vouched' ? inner : kind === 'reads' || kind === 'writes' ? outer : ''
    const several = {
      ...{ actor, from: kind === 'vouched' || inner !== '' ? from : 'several' },
      ...{ action: SEVERAL.action, detail: `${at}${SEVERAL.detail}` },
    }
    const key = JSON.stringify(['several', group])
    if (!this.#isKnown(key, several)) this.#begin(key, several)
  }

  /** Another one of those that are counted. */
  #isKnown(key: string, denial: Told): boolean {
    const known = this.#counted.get(key)
    if (known === undefined) return false
    known.denial = known.times === 0 ? denial : common(known.denial, denial)
    known.times += 1
    return true
  }

  #begin(key: string, denial: Told): void {
    this.#counted.set(key, { denial, times: 0 })
    this.#add(denial, 1)
  }

  /** Writes what is known, once. */
  async stop(): Promise<void> {
    this.#endWindow()
    this.#stopFlushing()
    await this.#writing
    // There may be room only now for how many were left out.
    for (let goesOn = true; goesOn && this.#waiting.length > 0;) goesOn = await this.#flush()
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
    this.#shares.reset()
    for (const { denial, times } of counted.values()) if (times > 0) this.#add(denial, times)
    this.#addLeftOut()
  }

  /** As soon as there is room: until then they stay counted. */
  #addLeftOut(): void {
    if (this.#leftOut === 0 || this.#waiting.length >= MAX_WAITING) return
    const times = this.#leftOut
    this.#leftOut = 0
    this.#add({ actor: '', from: 'several', ...SEVERAL }, times)
  }

  #add(denial: Told, times: number): void {
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
      this.#writing = this.#flush().then(() => undefined)
    })
  }

  /** False: it could not be written. */
  async #flush(): Promise<boolean> {
    const batch = this.#waiting
    this.#waiting = []
    try {
      await this.#options.audit.append(batch)
      // Where a window is under way its end does it.
      if (this.#cancelWindow === null) this.#addLeftOut()
      return true
    } catch (error) {
      this.#options.logger.error(
        { err: error, entries: batch.length },
        'denied attempts could not be audited',
      )
      // The same entries once more: an id that is there already is left alone.
      this.#waiting = [...batch, ...this.#waiting]
      this.#flushAfter(RETRY_MS)
      return false
    }
  }
}

function keyOf({ actor, from, action, detail, isMadeUp = false }: Denial): string {
  // Who has no token can make up paths without an end: these are alike by their address and by why.
  if (actor === '') return JSON.stringify([from, detail])
  return JSON.stringify(isMadeUp ? ['made up', clientNetwork(from), detail] : [actor, from, action, detail])
}

/** Nobody is named for what others did too. */
function common(one: Told, other: Told): Told {
  const actor = one.actor === other.actor ? one.actor : ''
  if (one.from === other.from) return { ...one, actor }
  const network = clientNetwork(other.from)
  return { ...one, actor, from: [clientNetwork(one.from), one.from].includes(network) ? network : 'several' }
}
