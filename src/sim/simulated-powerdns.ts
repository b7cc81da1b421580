/**
 * PowerDNS beside a nameserver: answers from the zones on the disk, through its cache. It outlives the nameserver's process.
 * What must stay true: what was cached is answered until it is purged or too old; a query that was under way during a commit
 * may cache the old row after it, as the real one does (docs/adr/0001).
 */
import { valuesOf, type RecordSet } from '../core/dns/record-set.ts'
import type { DnsAnswer, DnsServer } from '../ports/dns-server.ts'
import type { EventQueue } from './event-queue.ts'
import type { Life } from './host.ts'
import type { Random } from './random.ts'
import type { StoredZones } from './stored-zones.ts'

/** `cache-ttl` of its packet cache. */
const CACHED_MS = 20_000
const PURGE_MS = { least: 0.1, most: 3 }
const ANSWER_MS = { least: 0.1, most: 1 }
/** Of the commits, so many meet a query that is under way, which ends within so long. */
const RACED_SHARE = 0.2
const UNDER_WAY_MS = 4

type Answer = Extract<DnsAnswer, { kind: 'answer' }>

export interface SimulatedPowerdnsOptions {
  readonly queue: EventQueue
  readonly random: Random
  readonly zones: () => StoredZones
}

export class SimulatedPowerdns {
  readonly #options: SimulatedPowerdnsOptions
  readonly #cache = new Map<string, { readonly answer: Answer; readonly untilMs: number }>()

  constructor(options: SimulatedPowerdnsOptions) {
    this.#options = options
  }

  /** The machine had no power. */
  restart(): void {
    this.#cache.clear()
  }

  /** What a client is answered. */
  answer(name: string, type: string): Answer {
    const key = `${name} ${type}`
    const known = this.#cache.get(key)
    if (known !== undefined && known.untilMs > this.#options.queue.nowMs) return known.answer
    const answer = answerFrom(this.#options.zones(), name, type)
    this.#keep(key, answer)
    return answer
  }

  /** Rows of these names are about to become others. */
  changing(names: readonly string[]): void {
    const { queue, random, zones } = this.#options
    for (const name of names) {
      if (!random.chance(RACED_SHARE)) continue
      const before = answerFrom(zones(), name, 'A')
      queue.after(random.between(0, UNDER_WAY_MS), () => {
        this.#keep(`${name} A`, before)
      })
    }
  }

  /** As one life of the nameserver's process sees it. */
  serverFor(life: Life): DnsServer {
    const { queue, random } = this.#options
    const after = <T>(delayMs: number, happen: () => T) => {
      const { promise, resolve } = Promise.withResolvers<T>()
      life.after(delayMs, () => {
        queue.promised()
        resolve(happen())
      })
      return promise
    }
    return {
      purge: (names) =>
        after(random.between(PURGE_MS.least, PURGE_MS.most), () => {
          for (const name of names) this.#purge(name)
        }),
      ask: (name, type) =>
        after(random.between(ANSWER_MS.least, ANSWER_MS.most), () => this.answer(name, type)),
    }
  }

  #keep(key: string, answer: Answer): void {
    this.#cache.set(key, { answer, untilMs: this.#options.queue.nowMs + CACHED_MS })
  }

  #purge(name: string): void {
    const below = name.endsWith('$') ? name.slice(0, -1) : null
    for (const key of this.#cache.keys()) {
      const [owner = ''] = key.split(' ')
      if (owner === name || (below !== null && (owner === below || owner.endsWith(`.${below}`))))
        this.#cache.delete(key)
    }
  }
}

function answerFrom(zones: StoredZones, name: string, type: string): Answer {
  const zone = [...zones.values()].find((one) => name === one.name || name.endsWith(`.${one.name}`))
  const none = { kind: 'answer', authoritative: true, values: [], ttlSec: null } as const
  if (zone === undefined) return { ...none, rcode: 'REFUSED', authoritative: false }
  const records = zone.owners.get(name)
  if (records === undefined) return { ...none, rcode: 'NXDOMAIN' }
  const set = records.find((one) => one.type === type)
  if (set === undefined) return { ...none, rcode: 'NOERROR' }
  if (set.kind === 'refused') return { ...none, rcode: 'SERVFAIL' }
  return { ...none, rcode: 'NOERROR', values: plainValues(set), ttlSec: set.ttlSec }
}

function plainValues(set: RecordSet): readonly string[] {
  if (set.kind !== 'plain') throw new Error(`${set.name}: nobody draws here what is answered`)
  return valuesOf(set)
}
