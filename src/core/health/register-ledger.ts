/**
 * What one reader knows of every checker: the newest frame of each, merged (SPEC.md, L1 to L12).
 * What must stay true: (incarnation, sequence) never goes back; a gap is never papered over, the reader asks for a snapshot
 * and until it comes the old registers stand; time since a frame is the reader's own monotonic clock.
 */
import { EndpointIndex } from './endpoint-index.ts'
import type { Frame } from './frame.ts'
import { RegisterTable } from './register-table.ts'

export interface CheckerView {
  readonly checker: string
  readonly site: string
  readonly incarnation: number
  readonly sequence: number
  readonly revision: number
  readonly fenced: boolean
  readonly fenceReason?: string
  readonly loss: number
  /** Monotonic ms of the reader at which the last frame came. */
  readonly heardAtMs: number
  /** The same of the last frame that was not fenced; -Infinity if there was none. */
  readonly liveAtMs: number
  readonly registers: RegisterTable
}

export type MergeOutcome =
  /** `changed`: numbers of the endpoints whose register changed in any field that a vote reads. */
  | { readonly kind: 'merged'; readonly changed: readonly number[]; readonly livenessChanged: boolean }
  /** Older than what is known, or a repetition: nothing was taken from it. */
  | { readonly kind: 'stale' }
  /** A frame is missing before this one: ask for a snapshot. Nothing was taken from it. */
  | { readonly kind: 'gap' }

/** Definitions that nobody uses any more are forgotten once there are so many. */
const SPARE_DEFINITIONS = 10_000

export class RegisterLedger {
  /** Of every endpoint that was heard of or asked about. */
  readonly index = new EndpointIndex()
  readonly #views = new Map<string, CheckerView>()
  readonly #keepsOutput: boolean
  #definitionNumbers = new Map<string, number>()
  /** By number; 0 is none. */
  #definitions: string[] = ['']

  /** Without `keepsOutput` the outputs of probes are dropped: only those who show them to people need them. */
  constructor({ keepsOutput = true }: { readonly keepsOutput?: boolean } = {}) {
    this.#keepsOutput = keepsOutput
  }

  merge(frame: Frame, nowMs: number): MergeOutcome {
    const known = this.#views.get(frame.checker)
    const place = placeOf(frame, known)
    const what = TABLE[place][frame.snapshot ? 'whole' : 'changes']
    if (what === 'stale' || what === 'gap') return { kind: what }

    const registers = known?.registers ?? this.#newTable()
    if (known !== undefined && known.incarnation !== frame.incarnation)
      registers.rememberWords(known.liveAtMs)
    const changed = what === 'take' ? this.#take(frame, registers) : this.#replace(frame, registers)
    const { checker, site, incarnation, sequence, revision, fenced, fenceReason, loss } = frame
    const liveAtMs = fenced ? (known?.liveAtMs ?? -Infinity) : nowMs
    this.#views.set(checker, {
      ...{ checker, site, incarnation, sequence, revision, fenced },
      ...(fenceReason !== undefined && { fenceReason }),
      ...{ loss, heardAtMs: nowMs, liveAtMs, registers },
    })
    const livenessChanged = known?.fenced !== fenced || known.site !== site
    return { kind: 'merged', changed, livenessChanged }
  }

  checkers(): Iterable<CheckerView> {
    return this.#views.values()
  }

  checker(name: string): CheckerView | undefined {
    return this.#views.get(name)
  }

  /** All that is known of it: its next frame is that of one who was never heard. */
  forget(checker: string): void {
    this.#views.delete(checker)
  }

  /** The number under which registers keep a definition. */
  definitionNumber(definition: string): number {
    const known = this.#definitionNumbers.get(definition)
    if (known !== undefined) return known
    const number = this.#definitions.length
    this.#definitions.push(definition)
    this.#definitionNumbers.set(definition, number)
    return number
  }

  /**
   * Forgets the numbers of endpoints that are not `wanted` and that no checker mentions. When many definitions are out of
   * use they are numbered anew: true says that every `definitionNumber` given out before is void.
   */
  compact(wanted: (number: number) => boolean, wantedDefinitions: number): boolean {
    const tables = Array.from(this.#views.values(), (view) => view.registers)
    for (let number = 0; number < this.index.length; number += 1)
      if (!wanted(number) && !tables.some((table) => table.mentions(number))) this.index.release(number)
    if (this.#definitions.length < 2 * wantedDefinitions + SPARE_DEFINITIONS) return false
    const old = this.#definitions
    this.#definitions = ['']
    this.#definitionNumbers = new Map()
    for (const table of tables)
      table.renumberDefinitions((number) => this.definitionNumber(old[number] ?? ''))
    return true
  }

  #newTable(): RegisterTable {
    const definitionOf = (number: number) => this.#definitions[number] ?? ''
    return new RegisterTable(this.index, { definitionOf, keepsOutput: this.#keepsOutput })
  }

  #take(frame: Frame, table: RegisterTable): number[] {
    const changed: number[] = []
    for (const register of frame.registers) {
      const number = this.index.intern(register.endpoint)
      if (table.set(number, register, this.definitionNumber(register.definition))) changed.push(number)
    }
    return changed
  }

  #replace(frame: Frame, table: RegisterTable): number[] {
    const old = table.clear()
    this.#take(frame, table)
    const changed: number[] = []
    for (let number = 0; number < table.codes.length; number += 1)
      if (
        table.codes[number] !== (old.codes[number] ?? 0) ||
        table.definitions[number] !== (old.definitions[number] ?? 0)
      )
        changed.push(number)
    return changed
  }
}

/**
 * Where a frame stands to what is known of its checker. `begins`: the first of an incarnation that is not known yet;
 * `jumps`: any later one of it, or one of the same incarnation before which some are missing.
 */
type FramePlace = 'old' | 'next' | 'begins' | 'jumps'

/** What is done with it. Every place x kind of frame has a cell: a missing one does not compile. */
const TABLE: Record<FramePlace, Record<'whole' | 'changes', 'stale' | 'gap' | 'take' | 'replace'>> = {
  old: { whole: 'stale', changes: 'stale' },
  next: { whole: 'replace', changes: 'take' },
  begins: { whole: 'replace', changes: 'replace' },
  jumps: { whole: 'replace', changes: 'gap' },
}

function placeOf({ incarnation, sequence }: Frame, known: CheckerView | undefined): FramePlace {
  if (known === undefined || incarnation > known.incarnation) return sequence === 1 ? 'begins' : 'jumps'
  if (incarnation < known.incarnation || sequence <= known.sequence) return 'old'
  return sequence === known.sequence + 1 ? 'next' : 'jumps'
}
