/**
 * The budget of hints: a peer that suspects an endpoint makes us probe it at once, and hints never cost more than a fifth of
 * our own rate (SPEC.md, H1 to H3). A token bucket: one token is one probe; it holds one for each check, so that everything may
 * be confirmed once when everything dies at once.
 * What must stay true: over any time the tokens taken are at most one a check and a fifth of the probes of that time.
 */
export interface HintBudget {
  readonly tokens: number
  /** Monotonic ms at which there were so many. */
  readonly atMs: number
}

/** What a checker does on its own. */
export interface ProbeLoad {
  readonly checks: number
  /** Of all checks at their normal intervals. */
  readonly probesPerSec: number
}

const SHARE = 0.2

export function fullBudget({ checks }: ProbeLoad, nowMs: number): HintBudget {
  return { tokens: checks, atMs: nowMs }
}

/** The budget after one probe was asked of it; null when there is none left. */
export function spendHint(budget: HintBudget, load: ProbeLoad, nowMs: number): HintBudget | null {
  const earned = (Math.max(0, nowMs - budget.atMs) / 1_000) * load.probesPerSec * SHARE
  const tokens = Math.min(load.checks, budget.tokens + earned)
  return tokens < 1 ? null : { tokens: tokens - 1, atMs: nowMs }
}
