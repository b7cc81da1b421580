/**
 * How much our own network loses, of each target that its paths were tried to, and in all (SPEC.md, F9 and F10).
 * What must stay true: half of the targets may be dead without moving the whole; what could not be tried says nothing.
 */

/** `untried`: this host could not even try (no descriptor, no port). */
export type PathOutcome = 'reached' | 'missed' | 'untried'

/** What one look saw of every other site that has checkers, and of every canary. */
export interface PathRound {
  readonly sites: ReadonlyMap<string, PathOutcome>
  readonly canaries: ReadonlyMap<string, PathOutcome>
}

/** Loss of each target, 0 to 1, smoothed over about six looks. */
export interface PathLoss {
  readonly sites: ReadonlyMap<string, number>
  readonly canaries: ReadonlyMap<string, number>
}

const OLD_SHARE = 0.85
const NEW_SHARE = 0.15
/** With fewer other sites nobody can tell whose network is bad. */
export const MIN_OTHER_SITES = 2

export function noPathLoss(): PathLoss {
  return { sites: new Map(), canaries: new Map() }
}

/** The losses after one more look. Targets that it does not name are forgotten. */
export function stepPathLoss(loss: PathLoss, round: PathRound): PathLoss {
  return { sites: smoothed(loss.sites, round.sites), canaries: smoothed(loss.canaries, round.canaries) }
}

/** The lower median over the other sites, over the canaries when there are fewer than three sites: 0 to 1. */
export function lossOf({ sites, canaries }: PathLoss): number {
  return lowerMedian([...(sites.size >= MIN_OTHER_SITES ? sites : canaries).values()])
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

/** The middle one, the smaller of two middle ones. 0 of none. */
function lowerMedian(losses: readonly number[]): number {
  return losses.toSorted((a, b) => a - b)[Math.floor((losses.length - 1) / 2)] ?? 0
}
