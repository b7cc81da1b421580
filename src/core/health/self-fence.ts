/**
 * The self-fence: a checker judges its own network before it judges endpoints (SPEC.md, F1 to F13).
 * What must stay true: one dead site, or half of the canaries, never fences anybody; what cannot be measured (one site and no
 * canaries, a target that could not be tried) never fences; a fence ends only after as many good rounds as the bad ones earned.
 */
import {
  lossOf,
  MIN_OTHER_SITES,
  noPathLoss,
  stepPathLoss,
  type PathLoss,
  type PathOutcome,
  type PathRound,
} from './path-loss.ts'

export interface SelfFence {
  readonly kind: 'open' | 'fenced'
  readonly pathLoss: PathLoss
  /** L: that of all of them, 0 to 1. It stretches `fall` of our registers. */
  readonly loss: number
  readonly score: number
  /** In words; null while open. */
  readonly reason: string | null
}

const BAD_POINTS = 2
const MAX_SCORE = 8
const FENCE_SCORE = 2
const FENCE_LOSS = 0.5
const UNFENCE_LOSS = 0.2

export function openFence(): SelfFence {
  return { kind: 'open', pathLoss: noPathLoss(), loss: 0, score: 0, reason: null }
}

/** The fence after one more round, which is once a second. */
export function stepSelfFence(fence: SelfFence, round: PathRound): SelfFence {
  const pathLoss = stepPathLoss(fence.pathLoss, round)
  const loss = lossOf(pathLoss)
  const bad = badness(round)
  const score = bad === null ? Math.max(0, fence.score - 1) : Math.min(MAX_SCORE, fence.score + BAD_POINTS)
  const kind = TABLE[fence.kind]({ score, loss })
  const reason = kind === 'open' ? null : (bad ?? lossReason({ score, loss }))
  return { kind, pathLoss, loss, score, reason }
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
