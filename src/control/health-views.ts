/** From what the observer knows to the views of the health plane: verdicts, checkers, nameservers. */
import type { Verdict } from '../core/health/verdict.ts'
import { poolOf, type EndpointKey } from '../core/model/resource.ts'
import type {
  CheckerDetail,
  HistoryEntry,
  NameserverDetail,
  VerdictDetail,
  VerdictSummary,
} from '../core/views/health.ts'
import type { RecordedTransition } from '../ports/history.ts'
import type { Observer } from './observer.ts'
import { REPORT_AGE } from './report-age.ts'
import { checkerStatuses } from './status.ts'

/** null: the endpoint is not judged. */
export function verdictSummary(observer: Observer, key: EndpointKey): VerdictSummary | null {
  const endpoint = observer.snapshot.configuration.endpoint.get(key)
  const standing = observer.standing(key)
  if (endpoint === undefined || standing === undefined) return null
  const { state, degraded, rule } = standing
  const { name, site } = endpoint
  return { pool: poolOf(key), endpoint: name, site, state, degraded, rule, sinceMs: observer.sinceMs(key) }
}

export function verdictDetail(observer: Observer, key: EndpointKey): VerdictDetail | null {
  const summary = verdictSummary(observer, key)
  const verdict = observer.verdict(key)
  if (summary === null || verdict === undefined) return null
  const { book } = observer.reader
  const nowMs = observer.clock.monotonicMs()
  const checkers = Array.from(book.ledger.checkers()).flatMap((view): VerdictDetail['checkers'] => {
    const register = view.registers.get(key)
    if (register === undefined) return []
    const { checker, site, fenced } = view
    return [
      {
        ...{ checker, site, fenced },
        ageMs: Math.max(0, nowMs - view.heardAtMs),
        live: book.isLive(view, nowMs),
        register: register.state,
        degraded: register.degraded,
        outputs: register.output.map((output) => ({ checker, ...output, phases: { ...output.phases } })),
      },
    ]
  })
  return {
    ...summary,
    quorum: { ...verdict.quorum },
    votes: shownVotes(verdict.votes),
    checkers: checkers.sort((a, b) => (a.checker < b.checker ? -1 : 1)),
  }
}

export function shownVotes(votes: Verdict['votes']): VerdictDetail['votes'] {
  return votes.map(({ site, vote, ballots }) => ({
    site,
    vote,
    ballots: ballots.map(({ checker, live, fenced, state }) => ({
      ...{ checker, live, fenced },
      ...(state !== undefined && { state }),
    })),
  }))
}

/** In order of name: those that are heard, and those that only report. */
export function checkerViews(observer: Observer): CheckerDetail[] {
  const head = observer.snapshot.revision
  const reasons = new Map(
    Array.from(observer.reader.book.ledger.checkers(), (view) => [view.checker, view.fenceReason ?? null]),
  )
  return checkerStatuses(observer).map((status) => {
    const report = observer.checkers.get(status.checker)?.report
    return {
      ...status,
      fenceReason: status.fenced ? (reasons.get(status.checker) ?? null) : null,
      revisionsBehind: Math.max(0, head - status.revision),
      version: report?.version ?? null,
      feed: report?.feed ?? null,
      endpoints: report?.endpoints ?? null,
      readers: report?.readers ?? null,
    }
  })
}

export function nameserverViews(observer: Observer): NameserverDetail[] {
  const head = observer.snapshot.revision
  const nowMs = observer.clock.monotonicMs()
  const { groups } = observer.agreement.current
  return Array.from(observer.nameservers, ([key, { report, heardAtMs }]) => {
    const { name, site, revision, ready, dnsServer, unpublishedForMs, version, verdictDigest } = report
    const ageMs = Math.max(0, nowMs - heardAtMs)
    const group = groups.findIndex((names) => names.includes(key))
    return {
      ...{ name, site, revision, ready, dnsServer: { ...dnsServer }, unpublishedForMs, ageMs },
      version: version ?? null,
      live: ageMs <= REPORT_AGE.silentMs,
      revisionsBehind: Math.max(0, head - revision),
      digest: verdictDigest ?? null,
      agrees: group === -1 ? null : group === 0,
    }
  }).sort((a, b) => (a.name === b.name ? (a.site < b.site ? -1 : 1) : a.name < b.name ? -1 : 1))
}

export function historyEntry(one: RecordedTransition): HistoryEntry {
  const { endpoint, atMs, control, from, to, degraded, rule, reason, quorum, votes } = one
  return {
    ...{ endpoint, atMs, control, from, to, degraded, rule, reason },
    quorum: { ...quorum },
    votes: shownVotes(votes),
  }
}
