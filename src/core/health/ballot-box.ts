/**
 * Counts the votes on every endpoint of one reader (SPEC.md, V and B).
 * What must stay true: the count that decides and the votes that are shown come out alike, though the first makes no objects,
 * because it runs for 100,000 endpoints at a time.
 */
import type { Electorate } from './electorate.ts'
import type { HealthIntent } from './health-intent.ts'
import type { CheckerAgreement } from './outlier.ts'
import { PollingPlace } from './polling-place.ts'
import type { RegisterLedger } from './register-ledger.ts'
import { CODE_OF, DEGRADED_BIT, isKnown, STATE_BITS, stateOfCode } from './register-table.ts'
import type { RollCall, RolledChecker } from './roll-call.ts'
import { majorityQuorum, type Quorum, type Standing, type Tally } from './verdict.ts'
import { isDegraded, voteOf, voteOfSite, type Ballot, type Count, type SiteVote } from './votes.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const NOBODY: { readonly checkers: readonly RolledChecker[] } = { checkers: [] }
const NO_QUORUM = majorityQuorum(1)

export class BallotBox {
  readonly #ledger: RegisterLedger
  readonly #roll: RollCall
  /** By number of the endpoint: the number of its definition; 0: it is not judged. */
  #definitions = new Uint32Array(0)
  /** What is judged: numbers of endpoints, and for each the position of its electorate, and of its polling place. */
  #judged = new Uint32Array(0)
  #electorateOf = new Uint32Array(0)
  #electorates: readonly Electorate[] = []
  #polls: readonly PollingPlace[] = []
  /** By number of the endpoint; undefined: it is not judged. */
  #places: readonly (PollingPlace | undefined)[] = []
  /** Positions on the roll of the sites that vote, `#stride` for each endpoint. */
  #voters = new Uint16Array(0)
  #stride = 1
  // Used again for every endpoint.
  readonly #tally: Mutable<Tally> = { voters: 0, down: 0, up: 0, degraded: 0 }
  readonly #count: Mutable<Count> = { up: 0, down: 0, degraded: 0, lostUp: 0, lostDown: 0 }

  constructor(ledger: RegisterLedger, roll: RollCall) {
    this.#ledger = ledger
    this.#roll = roll
  }

  /** What is judged, and by whom: anew after every change of the intent. `arrange` follows. */
  judge({ endpoints }: HealthIntent): void {
    const { index } = this.#ledger
    const electorates = new Map<Electorate, number>()
    this.#definitions = new Uint32Array(index.length)
    this.#judged = new Uint32Array(endpoints.size)
    this.#electorateOf = new Uint32Array(endpoints.size)
    let at = 0
    for (const [endpoint, { definition, electorate }] of endpoints) {
      const number = index.intern(endpoint)
      const position = electorates.get(electorate) ?? electorates.size
      if (position === electorates.size) electorates.set(electorate, position)
      this.#definitions[number] = this.#ledger.definitionNumber(definition)
      this.#judged[at] = number
      this.#electorateOf[at] = position
      at += 1
    }
    this.#electorates = [...electorates.keys()]
  }

  /** Who votes on what: anew after `judge`, and after every change of which sites there are, or are gone. */
  arrange(): void {
    const { index } = this.#ledger
    this.#polls = this.#electorates.map((electorate) => new PollingPlace(electorate, this.#roll.sites))
    this.#stride = this.#polls.reduce((most, { places }) => Math.max(most, places), 1)
    this.#voters = new Uint16Array(this.#definitions.length * this.#stride)
    const places = Array.from<PollingPlace | undefined>({ length: this.#definitions.length })
    for (let at = 0; at < this.#judged.length; at += 1) {
      const number = this.#judged[at] ?? 0
      const place = this.#polls[this.#electorateOf[at] ?? 0]
      place?.assign(index.keyOf(number), this.#voters, number * this.#stride)
      places[number] = place
    }
    this.#places = places
  }

  quorumOf(number: number): Quorum {
    return this.#places[number]?.quorum ?? NO_QUORUM
  }

  /** True when for every endpoint as many of its sites are among `live` as an up takes. */
  hasQuorumAmong(live: ReadonlySet<string>): boolean {
    return this.#polls.every((place) => place.hasQuorumAmong(live))
  }

  /** The votes in numbers. Valid until the next call. */
  tallyOf(number: number): Tally {
    const tally = this.#tally
    const places = this.#places[number]?.places ?? 0
    tally.voters = places
    tally.down = 0
    tally.up = 0
    tally.degraded = 0
    const { sites } = this.#roll
    const base = number * this.#stride
    for (let place = 0; place < places; place += 1) {
      const { checkers } = sites[this.#voters[base + place] ?? 0] ?? NOBODY
      const [only] = checkers
      // Most sites have one checker, and then there is nothing to count.
      if (only !== undefined && checkers.length === 1) this.#addVoteOf(only, number, tally)
      else this.#addVote(this.#countOf(checkers, number), tally)
    }
    return tally
  }

  #addVote(count: Count, tally: Mutable<Tally>): void {
    const vote = voteOf(count)
    if (vote === 'down') tally.down += 1
    else if (vote === 'up') {
      tally.up += 1
      if (isDegraded(count)) tally.degraded += 1
    }
  }

  #addVoteOf(checker: RolledChecker, number: number, tally: Mutable<Tally>): void {
    const code = checker.presence === 'live' ? this.#codeOf(checker, number) : 0
    if (!isKnown(code)) return
    if ((code & STATE_BITS) === CODE_OF.down) tally.down += 1
    else {
      tally.up += 1
      if ((code & DEGRADED_BIT) !== 0) tally.degraded += 1
    }
  }

  /** The votes with every ballot, for people. */
  votesOn(number: number): SiteVote[] {
    const base = number * this.#stride
    const positions = this.#voters.subarray(base, base + (this.#places[number]?.places ?? 0))
    return Array.from(positions).flatMap((position) => {
      const rolled = this.#roll.sites[position]
      if (rolled === undefined) return []
      const ballots = rolled.checkers.map((checker) => this.#ballotOf(checker, number))
      return [voteOfSite(rolled.site, ballots)]
    })
  }

  /** How every live checker that may vote stands to what a quorum decided. Costs what there is: ask now and then. */
  agreements(standings: readonly (Standing | undefined)[]): CheckerAgreement[] {
    const live = this.#roll.sites.flatMap(({ checkers }) =>
      checkers.filter(({ presence }) => presence === 'live'),
    )
    const found = live.map(({ checker }) => ({ checker, known: 0, contradicted: 0 }))
    for (let number = 0; number < standings.length; number += 1) {
      const standing = standings[number]
      if (standing?.rule !== 'quorum-up' && standing?.rule !== 'quorum-down') continue
      for (let at = 0; at < live.length; at += 1) {
        const [checker, agreement] = [live[at], found[at]]
        const code = checker === undefined ? 0 : this.#codeOf(checker, number)
        if (agreement === undefined || !isKnown(code)) continue
        agreement.known += 1
        if (((code & STATE_BITS) === CODE_OF.down) !== (standing.state === 'down'))
          agreement.contradicted += 1
      }
    }
    return found
  }

  #countOf(checkers: readonly RolledChecker[], number: number): Count {
    const count = this.#count
    count.up = 0
    count.down = 0
    count.degraded = 0
    count.lostUp = 0
    count.lostDown = 0
    for (const checker of checkers) {
      if (checker.presence === 'gone') continue
      const code = this.#codeOf(checker, number)
      if (checker.presence === 'live' && isKnown(code)) {
        if ((code & STATE_BITS) === CODE_OF.down) count.down += 1
        else {
          count.up += 1
          if ((code & DEGRADED_BIT) !== 0) count.degraded += 1
        }
        continue
      }
      const word = this.#wordOf(checker, number, code)
      if ((word & STATE_BITS) === CODE_OF.down) count.lostDown += 1
      else if (isKnown(word)) count.lostUp += 1
    }
    return count
  }

  /** What the checker's register says under our definition; 0: nothing. */
  #codeOf({ registers }: RolledChecker, number: number): number {
    return registers.definitions[number] === this.#definitions[number] ? (registers.codes[number] ?? 0) : 0
  }

  /** What a checker that was lost, or restarted, said last. */
  #wordOf({ registers, hasWords }: RolledChecker, number: number, code: number): number {
    const { words } = registers
    if (isKnown(code) || words === null || !hasWords) return code
    return words.definitions[number] === this.#definitions[number] ? (words.codes[number] ?? 0) : 0
  }

  #ballotOf(rolled: RolledChecker, number: number): Ballot {
    const { checker, presence } = rolled
    const code = this.#codeOf(rolled, number)
    const state = stateOfCode(code)
    const live = presence === 'live'
    const isCounted = live && isKnown(code)
    const word = presence === 'gone' || isCounted ? 0 : this.#wordOf(rolled, number, code)
    const lastWord = isKnown(word) ? stateOfCode(word) : undefined
    return {
      checker,
      live,
      fenced: this.#ledger.checker(checker)?.fenced ?? false,
      ...(state && { state, degraded: (code & DEGRADED_BIT) !== 0 }),
      ...(lastWord && { lastWord }),
    }
  }
}
