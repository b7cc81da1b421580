/**
 * One zone at one secondary: announces what changed, and looks until it is there.
 * What must stay true: it is announced again until the secondary has it; a secondary whose serial is later than ours, because it
 * heard from another nameserver, is overtaken only when its answers are not ours: two nameservers that say the same never race.
 */
import type { RecordType } from '../../core/dns/record-set.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DnsAnswer } from '../../ports/dns-server.ts'
import { describeMiss, isMet, type Expectation } from '../expectation.ts'

export interface SecondaryOptions {
  readonly zone: string
  /** Of the secondary, such as 192.0.2.53:53. */
  readonly place: string
  /** The server that gives the zone. */
  readonly primary: Asked
  readonly secondary: Asked
  /** Sends a NOTIFY (RFC 1996). Rejects when it cannot be sent. */
  readonly notify: () => Promise<void>
  /** Makes our serial later than this one, soon. */
  readonly overtake: (serial: number) => void
  /** RFC 1982: is `a` later than `b`? */
  readonly isLater: (a: number, b: number) => boolean
  readonly clock: Clock
  readonly onAlarm: (message: string) => void
}

interface Asked {
  ask(name: string, type: RecordType | 'SOA' | 'DNSKEY'): Promise<DnsAnswer>
}

export interface SecondaryState {
  readonly state: 'current' | 'behind' | 'silent'
  /** null: it gave none. */
  readonly serial: number | null
  /** How long it has not been current, in ms; null: it is. */
  readonly behindForMs: number | null
  readonly detail: string
}

const FIRST_LOOK_MS = 15
const MAX_LOOK_MS = 5_000
/** While all is well: what it lost in a restart of its own is noticed. */
const IDLE_LOOK_MS = 30_000
const NOTIFY_EVERY_MS = 250
const LATE_MS = 10_000
/** What is looked for when serials alone do not say. */
const MAX_EXPECTATIONS = 20

export class Secondary {
  readonly #options: SecondaryOptions
  #expected = new Map<string, readonly Expectation[]>()
  #state: Omit<SecondaryState, 'behindForMs'> = { state: 'behind', serial: null, detail: 'not asked yet' }
  #behindSinceMs: number | null
  #notifiedAtMs = -Infinity
  #delayMs = FIRST_LOOK_MS
  #alarmed = false
  #cancel: (() => void) | null = null
  #looking = false
  #again = false
  #stopped = false

  constructor(options: SecondaryOptions) {
    this.#options = options
    this.#behindSinceMs = options.clock.monotonicMs()
  }

  state(): SecondaryState {
    const { clock } = this.#options
    const behindForMs = this.#behindSinceMs === null ? null : clock.monotonicMs() - this.#behindSinceMs
    return { ...this.#state, behindForMs }
  }

  /** The zone has changed; these names are to answer so. */
  changed(expected: ReadonlyMap<string, readonly Expectation[]>): void {
    for (const [name, expectations] of expected) {
      this.#expected.delete(name)
      this.#expected.set(name, expectations)
    }
    for (const name of this.#expected.keys()) {
      if (this.#expected.size <= MAX_EXPECTATIONS) break
      this.#expected.delete(name)
    }
    this.#behindSinceMs ??= this.#options.clock.monotonicMs()
    this.#delayMs = FIRST_LOOK_MS
    this.#notifiedAtMs = -Infinity
    this.#look()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #look(): void {
    this.#again = true
    if (this.#looking || this.#stopped) return
    this.#cancel?.()
    this.#looking = true
    void this.#lookUntilQuiet().finally(() => {
      this.#looking = false
    })
  }

  async #lookUntilQuiet(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      if (!(await this.#isCurrent())) await this.#notify()
    }
    if (this.#stopped) return
    const isCurrent = this.#behindSinceMs === null
    const delayMs = isCurrent ? IDLE_LOOK_MS * (0.8 + Math.random() * 0.4) : this.#delayMs
    this.#delayMs = Math.min(MAX_LOOK_MS, this.#delayMs * 2)
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#look()
    })
  }

  async #isCurrent(): Promise<boolean> {
    const { zone, primary, secondary, isLater, overtake } = this.#options
    // What is expected may grow meanwhile: only what was known before is judged.
    const expected = new Map(this.#expected)
    const [own, theirs] = (await Promise.all([primary.ask(zone, 'SOA'), secondary.ask(zone, 'SOA')])).map(
      serialOf,
    )
    if (own === undefined || theirs === undefined) return false
    if (typeof own === 'string')
      return this.#set({ state: 'behind', serial: null, detail: `no transfers: ${own}` })
    if (typeof theirs === 'string') return this.#set({ state: 'silent', serial: null, detail: theirs })
    if (isLater(own, theirs))
      return this.#set({ state: 'behind', serial: theirs, detail: `serial ${theirs}, ours is ${own}` })
    if (own !== theirs) {
      const miss = await this.#miss(expected)
      if (miss !== null) {
        overtake(theirs)
        return this.#set({ state: 'behind', serial: theirs, detail: `serial ${theirs}, but ${miss}` })
      }
    }
    for (const [name, expectations] of expected)
      if (this.#expected.get(name) === expectations) this.#expected.delete(name)
    if (this.#expected.size > 0) return false
    return this.#set({ state: 'current', serial: theirs, detail: `serial ${theirs}` })
  }

  /** In words the first answer that is not as it is to be. */
  async #miss(expected: ReadonlyMap<string, readonly Expectation[]>): Promise<string | null> {
    for (const expectation of Array.from(expected.values()).flat()) {
      const answer = await this.#options.secondary.ask(expectation.name, expectation.type)
      if (!isMet(expectation, answer)) return describeMiss(expectation, answer)
    }
    return null
  }

  async #notify(): Promise<void> {
    const { clock, notify } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#notifiedAtMs < NOTIFY_EVERY_MS) return
    this.#notifiedAtMs = nowMs
    try {
      await notify()
    } catch (error) {
      this.#state = { ...this.#state, detail: error instanceof Error ? error.message : String(error) }
    }
  }

  /** True: current. */
  #set(state: Omit<SecondaryState, 'behindForMs'>): boolean {
    const { zone, place, clock, onAlarm } = this.#options
    this.#state = state
    if (state.state === 'current') {
      this.#behindSinceMs = null
      this.#alarmed = false
      return true
    }
    this.#behindSinceMs ??= clock.monotonicMs()
    if (!this.#alarmed && clock.monotonicMs() - this.#behindSinceMs >= LATE_MS) {
      this.#alarmed = true
      onAlarm(`the secondary ${place} does not follow the zone ${zone}: ${state.detail}`)
    }
    return false
  }
}

/** In words why there is none. */
function serialOf(answer: DnsAnswer): number | string {
  if (answer.kind === 'no-answer') return answer.detail
  const serial = Number(answer.values[0]?.split(' ')[2])
  if (answer.rcode === 'NOERROR' && answer.authoritative && Number.isInteger(serial)) return serial
  return `it has no answer of its own (${answer.rcode})`
}
