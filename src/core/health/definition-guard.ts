/**
 * The definition guard: a typo in the path of a monitor must not empty the world (SPEC.md, G1 to G9). Endpoints that were up
 * when the definition of their monitors changed form a cohort; if its first pass would turn more than a fifth of them to down,
 * their previous verdicts stand and an alarm is raised.
 * What must stay true: it only ever keeps an up from ending, and only the ups of its cohort; whoever was found up under the new
 * definition is never kept again; a loss of votes neither trips it nor ends it.
 */

/** What the votes under the new definition say of one endpoint. */
type Finding = 'pending' | 'up' | 'down'

interface Cohort {
  readonly label: string
  /** In words, for the alarm. */
  readonly name: string
  /** Monotonic ms. */
  readonly openedAtMs: number
  /** By number of the endpoint. */
  readonly findings: Map<number, Finding>
  ups: number
  downs: number
  /** watching: downs wait for the rest of the pass. holding: too many of them; the alarm is raised. */
  kind: 'watching' | 'holding'
}

/** How the findings stand: more than a fifth are down; enough are up that no more than a fifth can be; neither. */
type CohortEvent = 'too-many-down' | 'enough-up' | 'undecided' | 'pass-over'

/** Every state x event has a cell: a missing one does not compile. */
const TABLE: Record<Cohort['kind'], Record<CohortEvent, Cohort['kind'] | 'ended'>> = {
  watching: { 'too-many-down': 'holding', 'enough-up': 'ended', undecided: 'watching', 'pass-over': 'ended' },
  holding: { 'too-many-down': 'holding', 'enough-up': 'ended', undecided: 'ended', 'pass-over': 'holding' },
}

function countOf({ findings, ups, downs }: Cohort): CohortEvent {
  const most = Math.floor(findings.size * MAX_SHARE)
  if (downs > most) return 'too-many-down'
  return ups >= findings.size - most ? 'enough-up' : 'undecided'
}

export interface GuardAlarm {
  readonly name: string
  readonly downs: number
  readonly size: number
}

const MAX_SHARE = 0.2
/** After so long a first pass is over: what nobody could decide by then is not counted as down. */
export const FIRST_PASS_MS = 60_000

export class DefinitionGuard {
  readonly #cohorts = new Map<string, Cohort>()
  readonly #cohortOf = new Map<number, Cohort>()
  #released: number[] = []

  get isIdle(): boolean {
    return this.#cohortOf.size === 0
  }

  labelOf(number: number): string | undefined {
    return this.#cohortOf.get(number)?.label
  }

  /** The endpoint, which is up, came under a new definition; all of one label are judged together. */
  watch(
    number: number,
    { label, name }: { readonly label: string; readonly name: string },
    nowMs: number,
  ): void {
    this.forget(number)
    const known = this.#cohorts.get(label)
    const cohort: Cohort = known ?? {
      ...{ label, name, openedAtMs: nowMs, kind: 'watching', ups: 0, downs: 0 },
      findings: new Map(),
    }
    this.#cohorts.set(label, cohort)
    cohort.findings.set(number, 'pending')
    this.#cohortOf.set(number, cohort)
  }

  /** The endpoint is no longer of its cohort: it left, or its definition changed once more. */
  forget(number: number): void {
    const cohort = this.#cohortOf.get(number)
    if (cohort === undefined) return
    this.#count(cohort, number, 'pending')
    cohort.findings.delete(number)
    this.#cohortOf.delete(number)
    this.#decide(cohort)
  }

  /** Takes what a quorum says of the endpoint; true while a down of it has to wait. */
  tell(number: number, finding: 'up' | 'down'): boolean {
    const cohort = this.#cohortOf.get(number)
    if (cohort === undefined || cohort.findings.get(number) === 'up') return false
    this.#count(cohort, number, finding)
    this.#decide(cohort)
    return finding === 'down' && this.#cohortOf.has(number)
  }

  /** Ends the passes that have lasted long enough. */
  tick(nowMs: number): void {
    for (const cohort of this.#cohorts.values())
      if (nowMs - cohort.openedAtMs > FIRST_PASS_MS) this.#step(cohort, 'pass-over')
  }

  /** The endpoints whose downs need not wait any longer, since the last call. */
  takeReleased(): readonly number[] {
    const released = this.#released
    this.#released = []
    return released
  }

  alarms(): GuardAlarm[] {
    return Array.from(this.#cohorts.values()).flatMap(({ kind, name, downs, findings }) =>
      kind === 'holding' ? [{ name, downs, size: findings.size }] : [],
    )
  }

  #count(cohort: Cohort, number: number, finding: Finding): void {
    const before = cohort.findings.get(number)
    cohort.ups += Number(finding === 'up') - Number(before === 'up')
    cohort.downs += Number(finding === 'down') - Number(before === 'down')
    cohort.findings.set(number, finding)
  }

  #decide(cohort: Cohort): void {
    this.#step(cohort, countOf(cohort))
  }

  #step(cohort: Cohort, event: CohortEvent): void {
    const next = TABLE[cohort.kind][event]
    if (next === 'ended') this.#end(cohort)
    else cohort.kind = next
  }

  #end(cohort: Cohort): void {
    this.#cohorts.delete(cohort.label)
    for (const [number, finding] of cohort.findings) {
      this.#cohortOf.delete(number)
      if (finding === 'down') this.#released.push(number)
    }
  }
}
