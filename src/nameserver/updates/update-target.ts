/**
 * One zone at one server that holds it: keeps the names of our load balancers there as they are to be.
 * What must stay true: of one name one update is under way, or one try to come; what failed is tried again, later each time; a
 * name that somebody else edited waits until that is undone, and is looked at now and then.
 */
import { createHash } from 'node:crypto'
import type { PlainRecordSet } from '../../core/dns/record-set.ts'
import { markName } from '../../core/steering/ownership.ts'
import { DECIDED_TYPES } from '../../core/steering/decision.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DnsAnswer } from '../../ports/dns-server.ts'
import type { SendUpdate } from '../../ports/dynamic-update.ts'
import type { SecondaryReport } from '../../ports/report.ts'
import type { TransferKey } from '../../ports/zone-storage.ts'
import { decideUpdate, type StandingSets } from './name-update.ts'

export interface UpdateTargetOptions {
  readonly zone: string
  readonly owner: string
  readonly server: { readonly address: string; readonly port: number }
  /** Such as 192.0.2.53:53. */
  readonly place: string
  readonly ask: (name: string, type: (typeof DECIDED_TYPES)[number] | 'TXT') => Promise<DnsAnswer>
  readonly send: SendUpdate
  /** In words why there is none. */
  readonly key: () => TransferKey | string
  /** What is to stand under a name now; empty: nothing. */
  readonly wanted: (name: string) => readonly PlainRecordSet[]
  /** A name is not kept there any more. */
  readonly onGone: () => void
  readonly clock: Clock
  readonly onAlarm: (message: string) => void
}

const PARALLEL = 8
const FIRST_RETRY_MS = 100
const MAX_RETRY_MS = 30_000
/** So often it is looked whether all still stands as it was left. */
const LOOK_AGAIN_MS = 300_000

interface Trouble {
  readonly detail: string
  readonly sinceMs: number
  readonly retryMs: number
}

export class UpdateTarget {
  readonly #options: UpdateTargetOptions
  readonly #dirty = new Set<string>()
  readonly #working = new Set<string>()
  readonly #trouble = new Map<string, Trouble>()
  readonly #known = new Set<string>()
  /** Of names that are to be tried again: one of each. */
  readonly #retries = new Map<string, () => void>()
  #cancelLook: (() => void) | null = null
  #stopped = false

  constructor(options: UpdateTargetOptions) {
    this.#options = options
    this.#lookAgain()
  }

  /** These may have to be other there. */
  touch(names: Iterable<string>): void {
    for (const name of names) {
      this.#dirty.add(name)
      this.#known.add(name)
    }
    this.#work()
  }

  /** Names that it keeps there. */
  get names(): ReadonlySet<string> {
    return this.#known
  }

  report(): SecondaryReport {
    const { zone, place, clock } = this.#options
    const [first] = this.#trouble
    const about = { zone, by: 'update' as const, secondary: place, serial: null }
    if (first === undefined) {
      const busy = this.#dirty.size + this.#working.size
      return {
        ...about,
        state: busy > 0 ? 'behind' : 'current',
        behindForMs: null,
        detail: `${this.#known.size} names`,
      }
    }
    const sinceMs = Math.min(...Array.from(this.#trouble.values(), (one) => one.sinceMs))
    const more = this.#trouble.size > 1 ? ` (and ${this.#trouble.size - 1} more names)` : ''
    return {
      ...about,
      state: 'behind',
      behindForMs: clock.monotonicMs() - sinceMs,
      detail: first[1].detail + more,
    }
  }

  stop(): void {
    this.#stopped = true
    this.#cancelLook?.()
    for (const cancel of this.#retries.values()) cancel()
  }

  #lookAgain(): void {
    this.#cancelLook = this.#options.clock.after(LOOK_AGAIN_MS * (0.8 + Math.random() * 0.4), () => {
      this.touch([...this.#known])
      this.#lookAgain()
    })
  }

  #work(): void {
    for (const name of this.#dirty) {
      if (this.#stopped || this.#working.size >= PARALLEL) return
      if (this.#working.has(name)) continue
      this.#dirty.delete(name)
      this.#cancelRetry(name)
      this.#working.add(name)
      void this.#bring(name).finally(() => {
        this.#working.delete(name)
        this.#work()
      })
    }
  }

  async #bring(name: string): Promise<void> {
    const fault = await this.#attempt(name)
    if (this.#stopped) return
    if (fault === null) {
      this.#trouble.delete(name)
      // What was touched meanwhile is looked at again.
      if (this.#dirty.has(name) || this.#options.wanted(name).length > 0) return
      if (this.#known.delete(name)) this.#options.onGone()
      return
    }
    const { clock, zone, place, onAlarm } = this.#options
    const before = this.#trouble.get(name)
    const { retryMs, sinceMs } = before ?? { retryMs: FIRST_RETRY_MS, sinceMs: clock.monotonicMs() }
    this.#trouble.set(name, { detail: fault, retryMs, sinceMs })
    if (before?.detail !== fault) onAlarm(`${place}, zone ${zone}: ${fault}`)
    const cancel = clock.after(retryMs, () => {
      // A change that comes meanwhile is tried at once, and makes nothing later.
      this.#trouble.set(name, { detail: fault, sinceMs, retryMs: Math.min(MAX_RETRY_MS, retryMs * 2) })
      this.touch([name])
    })
    this.#retries.set(name, cancel)
  }

  #cancelRetry(name: string): void {
    this.#retries.get(name)?.()
    this.#retries.delete(name)
  }

  /** null: it stands there as it is to be. */
  async #attempt(name: string): Promise<string | null> {
    const { zone, owner, server, send, wanted, key } = this.#options
    const secret = key()
    if (typeof secret === 'string') return secret
    // Twice: another nameserver, which says the same, may have been faster.
    let detail = ''
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const standing = await this.#standing(name)
      if (typeof standing === 'string') return standing
      const decision = decideUpdate({ name, owner, wanted: wanted(name), standing, digestOf })
      if (decision.kind === 'nothing') return null
      if (decision.kind === 'conflict') return decision.detail
      const outcome = await send({ ...decision, zone, server, key: secret })
      if (outcome.kind === 'done') return null
      if (outcome.kind === 'failed') return `the update of ${name} was not taken: ${outcome.detail}`
      detail = outcome.detail
    }
    return `${name} changes at the server while it is updated (${detail})`
  }

  /** In words why it is not known. */
  async #standing(name: string): Promise<StandingSets | string> {
    const { ask } = this.#options
    const sets = new Map<string, { ttlSec: number; values: readonly string[] }>()
    const [mark, ...answers] = await Promise.all([
      ask(markName(name), 'TXT'),
      ...DECIDED_TYPES.map((type) => ask(name, type)),
    ])
    for (const [index, answer] of answers.entries()) {
      const fault = faultOf(answer)
      if (fault !== null) return fault
      const type = DECIDED_TYPES[index] ?? 'A'
      if (answer.kind === 'answer' && answer.values.length > 0)
        sets.set(type, { ttlSec: answer.ttlSec ?? 0, values: answer.values })
    }
    const fault = faultOf(mark)
    if (fault !== null) return fault
    return { sets, marks: mark.kind === 'answer' ? mark.values : [] }
  }
}

function faultOf(answer: DnsAnswer): string | null {
  if (answer.kind === 'no-answer') return answer.detail
  const { rcode, authoritative } = answer
  if (authoritative && (rcode === 'NOERROR' || rcode === 'NXDOMAIN')) return null
  return `it has no answer of its own (${rcode})`
}

function digestOf(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32)
}
