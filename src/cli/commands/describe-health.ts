/** Verdicts, checkers, nameservers and the history as tables. */
import { z } from 'zod'
import {
  checkerViewSchema,
  nameserverViewSchema,
  type CheckerDetail,
  type HistoryEntry,
  type NameserverDetail,
  type VerdictDetail,
  type VerdictSummary,
} from '../../core/views/health.ts'
import { durationText } from '../output/duration.ts'
import type { Paint } from '../output/paint.ts'
import { printable } from '../output/printable.ts'
import { renderTable } from '../output/table.ts'

const STYLES = { up: 'green', down: 'red', unknown: 'yellow' } as const

export function verdictsTable(verdicts: readonly VerdictSummary[], paint: Paint, nowMs: number): string[] {
  const rows = verdicts.map(({ pool, endpoint, site, state, degraded, rule, sinceMs }) => [
    `${pool}/${endpoint}`,
    site,
    { text: degraded ? `${state}, degraded` : state, style: STYLES[state] },
    sinceMs === null ? '' : durationText(nowMs - sinceMs),
    rule,
  ])
  return renderTable(['ENDPOINT', 'SITE', 'VERDICT', 'SINCE', 'RULE'], rows, { paint, none: 'no verdicts' })
}

export function describeVerdict(verdict: VerdictDetail, paint: Paint): string[] {
  const { pool, endpoint, state, degraded, rule, quorum, votes, checkers } = verdict
  const rows = checkers.map(({ checker, site, live, fenced, ageMs, register, outputs }) => [
    checker,
    site,
    fenced ? 'fenced' : live ? 'live' : 'silent',
    `${Math.round(ageMs)}ms`,
    register ?? '',
    outputs.map(({ monitor, detail }) => `${monitor}: ${printable(detail)}`).join('; '),
  ])
  return [
    `${pool}/${endpoint}: ${paint[STYLES[state]](state)}${degraded ? ', degraded' : ''}, by ${rule} (needs ${quorum.down} down or ${quorum.up} up)`,
    `votes: ${votesText(votes)}`,
    '',
    ...renderTable(['CHECKER', 'SITE', 'STATE', 'LAST-FRAME', 'REGISTER', 'LAST PROBES'], rows, {
      ...{ paint, none: 'no checker says anything of it' },
    }),
  ]
}

export function historyTable(entries: readonly HistoryEntry[], paint: Paint): string[] {
  const rows = entries.map(({ atMs, from, to, degraded, rule, votes, reason }) => [
    new Date(atMs).toISOString(),
    { text: `${from} -> ${to}${degraded ? ', degraded' : ''}`, style: STYLES[to] },
    rule,
    votesText(votes),
    printable(reason),
  ])
  return renderTable(['TIME', 'CHANGE', 'RULE', 'VOTES', 'REASON'], rows, { paint, none: 'no transitions' })
}

function votesText(votes: VerdictDetail['votes']): string {
  return votes.length === 0 ? 'none' : votes.map(({ site, vote }) => `${site} ${vote ?? '-'}`).join(', ')
}

function checkersTable(checkers: readonly CheckerDetail[], paint: Paint): string[] {
  const rows = checkers.map((one) => [
    one.checker,
    one.site,
    {
      text: one.live ? 'live' : one.fenced ? 'fenced' : 'silent',
      style: one.live ? ('green' as const) : ('red' as const),
    },
    `${Math.round(one.loss * 100)}%`,
    String(one.revision),
    String(one.revisionsBehind),
    `${Math.round(one.ageMs)}ms`,
    one.version ?? '',
    printable(one.fenceReason ?? ''),
  ])
  const header = ['CHECKER', 'SITE', 'STATE', 'LOSS', 'REVISION', 'BEHIND', 'LAST-FRAME', 'VERSION', 'FENCE']
  return renderTable(header, rows, { paint, none: 'no checkers' })
}

function nameserversTable(nameservers: readonly NameserverDetail[], paint: Paint): string[] {
  const rows = nameservers.map((one) => [
    one.name,
    one.site,
    { text: one.live ? 'live' : 'silent', style: one.live ? ('green' as const) : ('red' as const) },
    one.ready ? 'yes' : 'no',
    one.dnsServer.state,
    `${one.dnsServer.address}:${one.dnsServer.port}`,
    String(one.revision),
    String(one.revisionsBehind),
    one.agrees === null ? '' : one.agrees ? 'yes' : 'no',
    one.version ?? '',
    printable(one.dnsServer.detail),
  ])
  const header = ['NAMESERVER', 'SITE', 'STATE', 'READY', 'DNS', 'ADDRESS', 'REVISION', 'BEHIND', 'AGREES']
  return renderTable([...header, 'VERSION', 'DETAIL'], rows, { paint, none: 'no nameservers' })
}

interface NodeView {
  readonly schema: z.ZodType<{ readonly items: readonly object[] }>
  readonly nameOf: (node: object) => string
  readonly table: (nodes: readonly object[], paint: Paint) => string[]
}

/** What `get` shows of processes, by the word of the command line. */
export const NODE_VIEWS: Readonly<Record<string, NodeView>> = {
  checkers: {
    schema: z.object({ items: z.array(checkerViewSchema) }),
    nameOf: (node) => (node as CheckerDetail).checker,
    table: (nodes, paint) => checkersTable(nodes as readonly CheckerDetail[], paint),
  },
  nameservers: {
    schema: z.object({ items: z.array(nameserverViewSchema) }),
    nameOf: (node) => (node as NameserverDetail).name,
    table: (nodes, paint) => nameserversTable(nodes as readonly NameserverDetail[], paint),
  },
}
