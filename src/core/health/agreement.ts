/**
 * Do the nameservers agree? Each computes every verdict itself, so within settle + lease they come to the same (invariant 5); a
 * disagreement that lasts longer is an alarm.
 * What must stay true: only what can be compared is: those that are heard, ready, and at the same revision; a difference that
 * comes and goes is none.
 */
export interface ReportedDigest {
  /** By site and name. */
  readonly nameserver: string
  readonly revision: number
  /** See VerdictDigest. */
  readonly digest: string
}

export interface Agreement {
  /** Since when they differ, in monotonic ms of the one who compares; null: they agree. */
  readonly sinceMs: number | null
  /** Those that agree with each other, the largest group first; one group when all agree. */
  readonly groups: readonly (readonly string[])[]
}

export const AGREED: Agreement = { sinceMs: null, groups: [] }

/** The agreement after looking at `reports`, of nameservers that are live and ready. */
export function nextAgreement(
  before: Agreement,
  reports: readonly ReportedDigest[],
  nowMs: number,
): Agreement {
  const newest = Math.max(...reports.map(({ revision }) => revision))
  const comparable = reports.filter(({ revision }) => revision === newest)
  const byDigest = Map.groupBy(comparable, ({ digest }) => digest)
  const groups = Array.from(byDigest.values(), (group) =>
    group.map(({ nameserver }) => nameserver).sort(),
  ).sort((a, b) => b.length - a.length || ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1))
  return { sinceMs: groups.length > 1 ? (before.sinceMs ?? nowMs) : null, groups }
}

/** True when they differ for longer than verdicts may take to become the same. */
export function isDisagreement(
  { sinceMs }: Agreement,
  times: { readonly settleMs: number; readonly leaseMs: number },
  nowMs: number,
): boolean {
  return sinceMs !== null && nowMs - sinceMs > times.settleMs + times.leaseMs
}
