/**
 * The outlier detector of a reader: a checker that again and again contradicts what a quorum decided (SPEC.md, O1 to O4). It
 * raises an alarm and decides nothing: to silence a checker for being alone in its opinion would help when self-fencing fails,
 * and was measured to slow the worst recovery from 8 to 35 s.
 */

/** How one live checker stands to the verdicts that a quorum stands behind. */
export interface CheckerAgreement {
  readonly checker: string
  /** Endpoints of which it knows something. */
  readonly known: number
  readonly contradicted: number
}

export interface Outliers {
  /** At the last look. */
  readonly suspects: ReadonlySet<string>
  /** At the last two looks: worth an alarm. */
  readonly confirmed: readonly CheckerAgreement[]
}

/** Between two looks: longer than a frame, a probe's fast interval and a settling take. */
export const LOOK_MS = 15_000
const MIN_CONTRADICTED = 3
const MIN_SHARE = 0.2

export const NO_OUTLIERS: Outliers = { suspects: new Set(), confirmed: [] }

export function nextOutliers(before: Outliers, agreements: readonly CheckerAgreement[]): Outliers {
  const found = agreements.filter(
    ({ known, contradicted }) => contradicted >= MIN_CONTRADICTED && contradicted > known * MIN_SHARE,
  )
  return {
    suspects: new Set(found.map(({ checker }) => checker)),
    confirmed: found.filter(({ checker }) => before.suspects.has(checker)),
  }
}
