/**
 * The verdict on one endpoint, from the votes of its sites: deterministic, no leader (SPEC.md, V4 to V17).
 * What must stay true: a verdict changes only when a quorum votes the new value at that moment; losing checkers, frames or
 * the store holds it where it is, without limit; regaining a quorum never takes an endpoint out before `settle`.
 */
import type { SiteVote } from './votes.ts'

export type VerdictState = 'unknown' | 'up' | 'down'

export type VerdictRule =
  'never-decided' | 'quorum-up' | 'quorum-down' | 'hold-no-quorum' | 'hold-split' | 'hold-settling'

export interface Quorum {
  readonly down: number
  readonly up: number
}

export interface Verdict {
  readonly state: VerdictState
  readonly degraded: boolean
  /** The rule that made the last evaluation come out as it did. */
  readonly rule: VerdictRule
  readonly quorum: Quorum
  readonly votes: readonly SiteVote[]
  /** Enough votes at the last evaluation to decide either way. */
  readonly hasQuorum: boolean
  /** Monotonic ms at which a lost quorum came back; null if none was lost since the first decision. */
  readonly regainedAtMs: number | null
  /** Grows with every change of state from up: orders endpoints by how recently they were up (0: never). */
  readonly lastUp: number
}

/** q = floor(K/2)+1 both ways (health-plane, Defaults). */
export function majorityQuorum(sites: number): Quorum {
  const q = Math.floor(sites / 2) + 1
  return { down: q, up: q }
}

export function undecided(): Verdict {
  return {
    state: 'unknown',
    degraded: false,
    rule: 'never-decided',
    quorum: majorityQuorum(1),
    votes: [],
    hasQuorum: false,
    regainedAtMs: null,
    lastUp: 0,
  }
}

export interface VerdictInput {
  readonly votes: readonly SiteVote[]
  readonly quorum: Quorum
  /** Monotonic ms of the reader. */
  readonly nowMs: number
  readonly settleMs: number
  /** A number larger than any `lastUp` given out before; used when this evaluation ends an up. */
  readonly tick: number
}

/** The verdict after one evaluation. */
export function decideVerdict(previous: Verdict, input: VerdictInput): Verdict {
  const { votes, quorum, nowMs } = input
  const down = votes.filter((site) => site.vote === 'down').length
  const up = votes.filter((site) => site.vote === 'up').length
  const undecidedYet = previous.state === 'unknown'
  if (down + up < Math.min(quorum.down, quorum.up)) {
    const rule = undecidedYet ? 'never-decided' : 'hold-no-quorum'
    return { ...previous, quorum, votes, rule, hasQuorum: false }
  }

  const regained = !previous.hasQuorum && !undecidedYet
  const regainedAtMs = regained ? nowMs : previous.regainedAtMs
  const held: Verdict = { ...previous, quorum, votes, hasQuorum: true, regainedAtMs }
  if (up >= quorum.up)
    return {
      ...held,
      state: 'up',
      degraded: decideDegraded(previous, { votes, up, quorum }),
      rule: 'quorum-up',
    }
  if (down < quorum.down) return { ...held, rule: undecidedYet ? 'never-decided' : 'hold-split' }
  if (previous.state === 'up' && isSettling(held, input)) return { ...held, rule: 'hold-settling' }
  const lastUp = previous.state === 'up' ? input.tick : previous.lastUp
  return { ...held, state: 'down', degraded: false, rule: 'quorum-down', lastUp }
}

/** The degraded bit follows the rule of the state: a quorum of up votes sets it, a quorum clears it, otherwise it holds. */
function decideDegraded(
  previous: Verdict,
  { votes, up, quorum }: { votes: readonly SiteVote[]; up: number; quorum: Quorum },
): boolean {
  const degraded = votes.filter((site) => site.vote === 'up' && site.degraded).length
  if (degraded >= quorum.up) return true
  return up - degraded < quorum.up && previous.degraded
}

/** An up that was held through a time without quorum may fall only `settle` after the quorum came back (reunion glitches). */
function isSettling(verdict: Verdict, { nowMs, settleMs }: VerdictInput): boolean {
  return verdict.regainedAtMs !== null && nowMs - verdict.regainedAtMs < settleMs
}
