/**
 * The self-fence: a checker judges its own network before it judges endpoints (SPEC.md, F1 to F13).
 * What must stay true: one dead site, or half of the canaries, never fences anybody; what cannot be measured (one site and no
 * canaries, a target that could not be tried) never fences; a fence ends only after as many good rounds as the bad ones earned.
 */

/** `untried`: this host could not even try (no descriptor, no port). */
export type PathOutcome = 'reached' | 'missed' | 'untried'

/** What one round, once a second, saw of every other site that has checkers, and of every canary. */
export interface PathRound {
  readonly sites: ReadonlyMap<string, PathOutcome>
  readonly canaries: ReadonlyMap<string, PathOutcome>
}

export interface SelfFence {
  readonly kind: 'open' | 'fenced'
  /** Loss of each site and canary, 0 to 1, smoothed over about six rounds. */
  readonly siteLoss: ReadonlyMap<string, number>
  readonly canaryLoss: ReadonlyMap<string, number>
  /** L: the lower median of them, 0 to 1. It stretches `fall` of our registers. */
  readonly loss: number
  readonly score: number
  /** In words; null while open. */
  readonly reason: string | null
}

const OLD_SHARE = 0.85
const NEW_SHARE = 0.15
const BAD_POINTS = 2
const MAX_SCORE = 8
const FENCE_SCORE = 2
const FENCE_LOSS = 0.5
const UNFENCE_LOSS = 0.2
/** With fewer other sites nobody can tell whose network is bad. */
const MIN_OTHER_SITES = 2

export function openFence(): SelfFence {
  return { kind: 'open', siteLoss: new Map(), canaryLoss: new Map(), loss: 0, score: 0, reason: null }
}

/** The fence after one more round. Targets that the round does not name are forgotten. */
export function stepSelfFence(fence: SelfFence, round: PathRound): SelfFence {
  const siteLoss = smoothed(fence.siteLoss, round.sites)
  const canaryLoss = smoothed(fence.canaryLoss, round.canaries)
  const loss = lowerMedian([...(round.sites.size >= MIN_OTHER_SITES ? siteLoss : canaryLoss).values()])
  const bad = badness(round)
  const score = bad === null ? Math.max(0, fence.score - 1) : Math.min(MAX_SCORE, fence.score + BAD_POINTS)
  const kind = TABLE[fence.kind]({ score, loss })
  const reason = kind === 'open' ? null : (bad ?? lossReason({ score, loss }))
  return { kind, siteLoss, canaryLoss, loss, score, reason }
}

interface Measures {
  readonly score: number
  readonly loss: number
}

const TABLE: Record<SelfFence['kind'], (measures: Measures) => SelfFence['kind']> = {
  open: ({ score, loss }) => (score >= FENCE_SCORE || loss >= FENCE_LOSS ? 'fenced' : 'open'),
  fenced: ({ score, loss }) => (score === 0 && loss < UNFENCE_LOSS ? 'open' : 'fenced'),
}

/** Why the round is bad, in words; null when it is not. What could not be tried is not held against our network. */
function badness({ sites, canaries }: PathRound): string | null {
  const reachedSites = count(sites, 'reached')
  // floor((S-1)/2) of the S sites, our own among them.
  const needed = Math.floor(sites.size / 2)
  if (sites.size >= MIN_OTHER_SITES && reachedSites + count(sites, 'untried') < needed)
    return `reaches ${reachedSites} of ${sites.size} other sites, at least ${needed} expected`
  const reachedCanaries = count(canaries, 'reached')
  if (reachedCanaries < count(canaries, 'missed'))
    return `reaches ${reachedCanaries} of ${canaries.size} canaries`
  return null
}

function lossReason({ score, loss }: Measures): string {
  if (loss >= UNFENCE_LOSS)
    return `loses ${Math.round(loss * 100)} % of its connections; below ${UNFENCE_LOSS * 100} % ends it`
  return `was cut off; ${score} more good rounds end it`
}

function count(targets: ReadonlyMap<string, PathOutcome>, wanted: PathOutcome): number {
  let found = 0
  for (const outcome of targets.values()) if (outcome === wanted) found += 1
  return found
}

function smoothed(
  losses: ReadonlyMap<string, number>,
  outcomes: ReadonlyMap<string, PathOutcome>,
): ReadonlyMap<string, number> {
  const next = new Map<string, number>()
  for (const [target, outcome] of outcomes) {
    const known = losses.get(target) ?? 0
    if (outcome === 'untried') next.set(target, known)
    else next.set(target, OLD_SHARE * known + NEW_SHARE * (outcome === 'missed' ? 1 : 0))
  }
  return next
}

/** The middle one, the smaller of two middle ones: half of the targets may be dead without moving it. 0 of none. */
function lowerMedian(losses: readonly number[]): number {
  return losses.toSorted((a, b) => a - b)[Math.floor((losses.length - 1) / 2)] ?? 0
}
