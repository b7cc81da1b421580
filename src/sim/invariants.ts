/**
 * The invariants of the health plane (their numbers are those of SPEC.md beside the core), looked at whenever something
 * happens. 6 and 7 follow from what is counted, and 10 from a second run with other wall clocks: see run-scenario.ts.
 */
import type { Frame } from '../core/health/frame.ts'
import { DEFAULT_TIMES, type Transition } from '../core/health/verdict-book.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import { Account } from './account.ts'
import type { EventQueue } from './event-queue.ts'
import type { FrameDestination } from './frame-links.ts'
import type { VerdictReader } from '../readers/verdict-reader.ts'

export interface Violation {
  readonly invariant: number
  readonly atMs: number
  readonly text: string
}

/**
 * Transitions of one register in 600 s at most: two failures at TF, then 3, 6, 12, 24 and 48 successes, and so on; a verdict
 * needs q of the K registers to change.
 */
const TRANSITIONS_WINDOW_MS = 600_000
const MAX_TRANSITIONS = 53

/** A publication is said to be late after two seconds. */
const UNSEEN_MS = 2_000

interface Sending {
  atMs: number
  frames: number
  wholes: number
}

interface CheckerLife {
  readonly incarnation: number
  /** Endpoints of which it has a result of its own. */
  readonly probed: Set<EndpointKey>
}

export interface ObservedNameserver {
  readonly name: string
  readonly host: { monotonicMs(): number }
  /** null while its process is not there. */
  readonly reader: VerdictReader | null
  /** What clients are answered, by load balancer. */
  readonly answers: ReadonlyMap<string, readonly string[]>
  /** What they are to be answered by its own verdicts; null: it cannot publish now. */
  readonly wanted: ReadonlyMap<string, readonly string[]> | null
  /** For so long it has waited to see in an answer what it published; null: it has seen everything. */
  readonly unseenForMs: number | null
}

export interface InvariantsOptions {
  readonly queue: EventQueue
  readonly nameservers: () => readonly ObservedNameserver[]
  /** The endpoint of this address has been dead for long. */
  readonly isLongDead: (address: string) => boolean
  /** From then on nothing but loss happens, and no verdict may change (3). Infinity: endpoints die too. */
  readonly onlyLossFromMs: number
  /** A checker says something new of an endpoint, or of its own fence. */
  readonly onSaid: (text: string) => void
}

export class Invariants {
  readonly violations: Violation[] = []
  /** How often each was looked at. */
  readonly looks = new Map<number, number>()
  readonly #options: InvariantsOptions
  readonly #lives = new Map<string, CheckerLife>()
  readonly #sendings = new Map<string, Sending>()
  readonly #accounts = new Map<string, Account>()
  /** (incarnation, sequence) of the checker before the frame at hand. */
  #before: readonly [number, number] = [-1, -1]
  readonly #transitions = new Map<string, number[]>()
  readonly #said = new Map<string, string>()
  readonly #saidNewAtMs = new Map<EndpointKey, number>()

  /** What each nameserver wanted to be answered a second ago, if no verdict has changed since. */
  readonly #wanted = new Map<string, ReadonlyMap<string, readonly string[]>>()

  constructor(options: InvariantsOptions) {
    this.#options = options
  }

  must(invariant: number, holds: boolean, text: () => string): void {
    this.looks.set(invariant, (this.looks.get(invariant) ?? 0) + 1)
    if (!holds) this.violations.push({ invariant, atMs: this.#options.queue.nowMs, text: text() })
  }

  /** A checker starts under this incarnation. */
  began(checker: string, incarnation: number): void {
    const before = this.#lives.get(checker)?.incarnation ?? -1
    this.must(1, incarnation > before, () => `${checker} starts as ${incarnation} after ${before}`)
    this.#lives.set(checker, { incarnation, probed: new Set() })
  }

  probed(checker: string, endpoint: EndpointKey): void {
    this.#lives.get(checker)?.probed.add(endpoint)
  }

  /** A checker made a frame. */
  made({ checker, incarnation, registers, fenced }: Frame): void {
    const life = this.#lives.get(checker)
    if (this.#isNews(checker, fenced ? 'fenced' : 'open'))
      this.#options.onSaid(`${checker} ${fenced ? 'fenced' : 'open'}`)
    for (const { endpoint, state } of registers) {
      const mayVote = state === 'unknown' || (life?.incarnation === incarnation && life.probed.has(endpoint))
      this.must(12, mayVote, () => `${checker} says ${state} of ${endpoint} before it has probed it`)
      if (!this.#isNews(`${checker} ${endpoint}`, state)) continue
      this.#options.onSaid(`${checker} ${endpoint} ${state}`)
      this.#saidNewAtMs.set(endpoint, this.#options.queue.nowMs)
    }
  }

  sent(kind: 'frame' | 'whole', destination: FrameDestination, frame: Frame): void {
    const { nowMs } = this.#options.queue
    const way = `${frame.checker} ${destination.name}`
    let sending = this.#sendings.get(way)
    if (sending?.atMs !== nowMs) {
      sending = { atMs: nowMs, frames: 0, wholes: 0 }
      this.#sendings.set(way, sending)
    }
    if (kind === 'frame') sending.frames += 1
    else sending.wholes += 1
    const { frames, wholes } = sending
    this.must(11, frames <= 1 && wholes <= 1, () => `${way}: ${frames} frames and ${wholes} whole states`)
  }

  /** Before a nameserver takes it. */
  hearing(nameserver: ObservedNameserver, frame: Frame): void {
    this.#accounts.get(nameserver.name)?.take(frame, nameserver.host.monotonicMs())
    const view = nameserver.reader?.book.ledger.checker(frame.checker)
    this.#before = view === undefined ? [-1, -1] : [view.incarnation, view.sequence]
  }

  /** A nameserver's process starts, and knows of no checker. */
  restarted(nameserver: ObservedNameserver): void {
    this.#accounts.set(nameserver.name, new Account())
    this.#wanted.delete(nameserver.name)
  }

  /** After a nameserver took it. */
  heard({ name, host, reader }: ObservedNameserver, frame: Frame): void {
    const ledger = reader?.book.ledger
    const view = ledger?.checker(frame.checker)
    if (ledger === undefined || view === undefined) return
    const [incarnation, sequence] = this.#before
    const isForward =
      view.incarnation > incarnation || (view.incarnation === incarnation && view.sequence >= sequence)
    this.must(1, isForward, () => `${name} went back on ${frame.checker}`)
    if (view.incarnation !== frame.incarnation || view.sequence !== frame.sequence) return
    const again = ledger.merge(frame, host.monotonicMs()).kind
    this.must(1, again === 'stale', () => `${name} took a frame of ${frame.checker} twice (${again})`)
  }

  transition(nameserver: ObservedNameserver, transition: Transition): void {
    // A verdict may change and change back within a second: then the answer of before is on its way too.
    this.#wanted.delete(nameserver.name)
    const { name, host, reader } = nameserver
    const { endpoint, from, to } = transition
    if (from.state === to.state || to.state === 'unknown') return
    const { nowMs } = this.#options.queue
    const account = this.#accounts.get(name)
    const about = { endpoint, nowMs: host.monotonicMs() }
    const sites = account?.sitesThatSay(to.state, { ...about, definition: null }) ?? new Set()
    const needed = to.quorum[to.state]
    const text = () =>
      `${name} takes ${endpoint} from ${from.state} to ${to.state} with ${sites.size} sites of ${needed}`
    this.must(2, sites.size >= needed, text)
    const definition = reader?.book.definition(endpoint) ?? ''
    const underIt = account?.sitesThatSay(to.state, { ...about, definition }) ?? new Set()
    const others = to.votes.filter(({ site, vote }) => vote === to.state && !underIt.has(site))
    this.must(13, others.length === 0, () => `${text()}, ${others.length} of them under another definition`)
    this.must(3, nowMs < this.#options.onlyLossFromMs || from.state === 'unknown', text)
    this.#bounded(`${name} ${endpoint}`)
  }

  /** Once a second: quorums for both values never hold together; no answer is empty, or another than the verdicts say. */
  look(): void {
    for (const nameserver of this.#options.nameservers()) {
      const { name, reader } = nameserver
      this.#lookAtAnswers(nameserver)
      if (reader === null) continue
      for (const [endpoint] of reader.book.standings()) {
        const verdict = reader.book.verdict(endpoint)
        const votes = (value: 'up' | 'down') =>
          verdict?.votes.filter(({ vote }) => vote === value).length ?? 0
        const both =
          verdict !== undefined && votes('down') >= verdict.quorum.down && votes('up') >= verdict.quorum.up
        this.must(4, !both, () => `${name} has quorums for up and down of ${endpoint}`)
      }
    }
  }

  /** A nameserver begins to answer with these: what is dead, and was not answered with, stays out. */
  published(nameserver: string, owner: string, added: readonly string[]): void {
    for (const address of added)
      this.must(
        15,
        !this.#options.isLongDead(address),
        () => `${nameserver} begins to answer ${owner} with ${address}, which is dead`,
      )
  }

  /** At the end: where the votes were constant for long enough, all nameservers hold the same. */
  finish(): void {
    const { queue, nameservers } = this.#options
    const steadyMs = DEFAULT_TIMES.settleMs + DEFAULT_TIMES.leaseMs
    const readers = nameservers().flatMap(({ name, reader }) => (reader === null ? [] : { name, reader }))
    for (const [endpoint, atMs] of this.#saidNewAtMs) {
      if (queue.nowMs - atMs < steadyMs) continue
      const states = readers.map(({ reader }) => reader.book.standing(endpoint)?.state)
      this.must(5, new Set(states).size <= 1, () => `${endpoint} is ${states.join(', ')} at the nameservers`)
    }
  }

  #lookAtAnswers({ name, answers, wanted, unseenForMs }: ObservedNameserver): void {
    for (const [balancer, values] of answers)
      this.must(8, values.length > 0, () => `${name} answers ${balancer} with nothing`)
    const before = this.#wanted.get(name)
    if (wanted === null) this.#wanted.delete(name)
    else this.#wanted.set(name, wanted)
    if (wanted === null || before === undefined) return
    const isSeen = unseenForMs === null || unseenForMs < UNSEEN_MS
    this.must(14, isSeen, () => `${name} has not seen for ${unseenForMs} ms what it published`)
    for (const [balancer, values] of wanted) {
      // What became another within the second may still be on its way.
      if (String(before.get(balancer)) !== String(values)) continue
      const answered = answers.get(balancer)
      const text = () => `${name} answers ${balancer} with ${answered?.join(' ')}, not ${values.join(' ')}`
      this.must(14, String(answered) === String(values), text)
    }
  }

  #isNews(about: string, said: string): boolean {
    if (this.#said.get(about) === said) return false
    this.#said.set(about, said)
    return true
  }

  #bounded(about: string): void {
    const { nowMs } = this.#options.queue
    const times = (this.#transitions.get(about) ?? []).filter((atMs) => nowMs - atMs < TRANSITIONS_WINDOW_MS)
    times.push(nowMs)
    this.#transitions.set(about, times)
    this.must(
      9,
      times.length <= MAX_TRANSITIONS,
      () => `${about}: ${times.length} transitions in ten minutes`,
    )
  }
}
