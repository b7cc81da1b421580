/**
 * The verdict on one endpoint, from the votes of its sites: deterministic, no leader (SPEC.md, V4 to V17, V19).
 * What must stay true: a verdict changes only when a quorum votes the new value at that moment; losing checkers, frames or
 * the store holds it where it is, without limit; regaining a quorum never takes an endpoint out before `settle`, unless there
 * is nobody left who could say otherwise.
 */
import type { SiteVote } from './votes.ts'

export type VerdictState = 'unknown' | 'up' | 'down'

export const VERDICT_RULES = [
  'never-decided',
  'quorum-up',
  'quorum-down',
  'hold-no-quorum',
  'hold-split',
  'hold-settling',
  'hold-definition',
] as const
export type VerdictRule = (typeof VERDICT_RULES)[number]

export interface Quorum {
  readonly down: number
  readonly up: number
}

/** What is kept of a verdict from one evaluation to the next. */
export interface Standing {
  readonly state: VerdictState
  readonly degraded: boolean
  /** The rule that made the last evaluation come out as it did. */
  readonly rule: VerdictRule
  /** Enough votes at the last evaluation to decide either way. */
  readonly hasQuorum: boolean
  /** Monotonic ms at which a lost quorum came back; null if none was lost since the first decision. */
  readonly regainedAtMs: number | null
  /** Grows with every change of state from up: orders endpoints by how recently they were up (0: never). */
  readonly lastUp: number
}

/** A standing with its evidence: who votes what, and how many must agree. */
export interface Verdict extends Standing {
  readonly quorum: Quorum
  readonly votes: readonly SiteVote[]
}

/** Sites that vote so. */
export interface Tally {
  /** K: those that may vote, silent ones too. */
  readonly voters: number
  readonly down: number
  readonly up: number
  /** Of those that vote up. */
  readonly degraded: number
}

/** q = floor(K/2)+1 both ways (health-plane, Defaults). */
export function majorityQuorum(sites: number): Quorum {
  const q = Math.floor(sites / 2) + 1
  return { down: q, up: q }
}

const WITNESSES = 3

export const UNDECIDED: Standing = {
  state: 'unknown',
  degraded: false,
  rule: 'never-decided',
  hasQuorum: false,
  regainedAtMs: null,
  lastUp: 0,
}

export interface VerdictInput {
  readonly tally: Tally
  readonly quorum: Quorum
  /** Monotonic ms of the reader. */
  readonly nowMs: number
  readonly settleMs: number
  /** A new definition is on trial: no up ends by it yet (definition-guard.ts). */
  readonly isGuarded: boolean
  /** A number larger than any `lastUp` given out before; used when this evaluation ends an up. */
  readonly tick: number
}

/** What the votes alone say; null: nothing that a quorum stands behind. */
export function findingOf({ down, up }: Tally, quorum: Quorum): 'up' | 'down' | null {
  if (up >= quorum.up) return 'up'
  return down >= quorum.down ? 'down' : null
}

/** The standing after one evaluation: `previous` itself when nothing is new. */
export function decideStanding(previous: Standing, input: VerdictInput): Standing {
  // A quorum that goes on saying the same is nearly every evaluation, and makes nothing.
  const { rule } = previous
  const finding = findingOf(input.tally, input.quorum)
  if (rule === 'quorum-down' && finding === 'down') return previous
  if (rule === 'quorum-up' && finding === 'up' && decideDegraded(previous, input) === previous.degraded)
    return previous
  const next = evaluate(previous, input)
  const isSame =
    next.state === previous.state &&
    next.rule === previous.rule &&
    next.degraded === previous.degraded &&
    next.hasQuorum === previous.hasQuorum &&
    next.regainedAtMs === previous.regainedAtMs
  return isSame ? previous : next
}

/** What the votes of one evaluation come to. `silence`: too few of them to decide either way; `split`: enough, but no quorum. */
type VoteEvent = 'silence' | 'split' | 'up' | 'down'

interface Evaluation {
  readonly previous: Standing
  readonly input: VerdictInput
}
type Cell = (evaluation: Evaluation) => Standing

/** Every state x event has a cell: a missing one does not compile. */
const TABLE: Record<VerdictState, Record<VoteEvent, Cell>> = {
  unknown: {
    silence: loseQuorum('never-decided'),
    split: hold('never-decided'),
    up: becomeUp,
    down: becomeDown,
  },
  up: { silence: loseQuorum('hold-no-quorum'), split: hold('hold-split'), up: becomeUp, down: endUp },
  down: { silence: loseQuorum('hold-no-quorum'), split: hold('hold-split'), up: becomeUp, down: becomeDown },
}

function evaluate(previous: Standing, input: VerdictInput): Standing {
  return TABLE[previous.state][eventOf(input)]({ previous, input })
}

function eventOf({ tally, quorum }: VerdictInput): VoteEvent {
  if (tally.down + tally.up < Math.min(quorum.down, quorum.up)) return 'silence'
  return findingOf(tally, quorum) ?? 'split'
}

function loseQuorum(rule: VerdictRule): Cell {
  return ({ previous }) => ({ ...previous, rule, hasQuorum: false })
}

function hold(rule: VerdictRule): Cell {
  return (evaluation) => ({ ...withQuorum(evaluation), rule })
}

function becomeUp(evaluation: Evaluation): Standing {
  const degraded = decideDegraded(evaluation.previous, evaluation.input)
  return { ...withQuorum(evaluation), state: 'up', degraded, rule: 'quorum-up' }
}

function becomeDown(evaluation: Evaluation): Standing {
  return { ...withQuorum(evaluation), state: 'down', degraded: false, rule: 'quorum-down' }
}

/** An up ends, unless something speaks against it: a definition on trial, or a quorum that has only just come back. */
function endUp(evaluation: Evaluation): Standing {
  const { input } = evaluation
  const held = withQuorum(evaluation)
  if (input.isGuarded) return { ...held, rule: 'hold-definition' }
  if (isSettling(held, input) && !isUnanimous(input.tally)) return { ...held, rule: 'hold-settling' }
  return { ...becomeDown(evaluation), lastUp: input.tick }
}

/** Remembers when a lost quorum came back; before the first decision none was lost. */
function withQuorum({ previous, input }: Evaluation): Standing {
  const isRegained = !previous.hasQuorum && previous.state !== 'unknown'
  return { ...previous, hasQuorum: true, regainedAtMs: isRegained ? input.nowMs : previous.regainedAtMs }
}

/** The bit by the rule of the state: a quorum for down of degraded votes sets it, one for up of plain ones clears it. */
function decideDegraded(previous: Standing, { tally, quorum }: VerdictInput): boolean {
  if (tally.degraded >= quorum.down) return true
  return tally.up - tally.degraded < quorum.up && previous.degraded
}

/**
 * Every site of three or more votes down. What comes back after a cut is one side's view, and the other side, or the endpoint's own
 * site, says otherwise; where all that there are agree, waiting would show nothing more. One site or two are no witness to that.
 */
function isUnanimous({ voters, down }: Tally): boolean {
  return voters >= WITNESSES && down === voters
}

/** An up that was held through a time without quorum may fall only `settle` after the quorum came back (reunion glitches). */
function isSettling({ regainedAtMs }: Standing, { nowMs, settleMs }: VerdictInput): boolean {
  return regainedAtMs !== null && nowMs - regainedAtMs < settleMs
}
