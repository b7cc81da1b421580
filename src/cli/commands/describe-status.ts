/** Status as tables: for `status`, and parts of it for `get`. */
import type { Status } from '../../core/views/status.ts'
import type { Paint } from '../output/paint.ts'
import { durationText } from '../output/duration.ts'
import { eventLine } from '../output/describe-event.ts'
import { printable } from '../output/printable.ts'
import { renderTable } from '../output/table.ts'
import { answerText, policyText, STATE_STYLES, stateText } from '../output/status-text.ts'

const SHOWN_EVENTS = 5

export function describeStatus(status: Status, paint: Paint, nowMs: number): string[] {
  const { counts } = status
  const summary = `revision ${status.revision}, ${counts.endpoints.total} endpoints (${counts.endpoints.up} up, ${counts.endpoints.down} down, ${counts.endpoints.unknown} unknown, ${counts.endpoints.other} other), ${counts.loadBalancers.total} load balancers`
  const health = status.healthy ? paint.green('healthy') : paint.red('needs attention')
  return [
    `${health}: ${summary}`,
    ...status.alarms.map((alarm) => paint.yellow(`alarm: ${printable(alarm)}`)),
    '',
    ...endpointsTable(status.endpoints, paint, nowMs),
    ...more(status.endpoints, counts.endpoints.total, 'endpoints'),
    '',
    ...balancersTable(status.loadBalancers, paint),
    ...more(status.loadBalancers, counts.loadBalancers.total, 'load balancers'),
    '',
    ...checkersTable(status.checkers, paint),
    '',
    ...nameserversTable(status.nameservers, paint),
    ...(status.events.length === 0 ? [] : ['', paint.bold('LAST EVENTS')]),
    ...status.events.slice(0, SHOWN_EVENTS).map(eventLine),
  ]
}

export function checkersTable(checkers: Status['checkers'], paint: Paint): string[] {
  const rows = checkers.map((one) => [
    one.checker,
    one.site,
    { text: one.live ? 'live' : 'silent', style: one.live ? ('green' as const) : ('red' as const) },
    one.fenced ? 'yes' : 'no',
    `${Math.round(one.loss * 100)}%`,
    String(one.revision),
    `${Math.round(one.ageMs)}ms`,
  ])
  const header = ['CHECKER', 'SITE', 'STATE', 'FENCED', 'LOSS', 'REVISION', 'LAST-FRAME']
  return renderTable(header, rows, { paint, none: 'no checkers' })
}

export function nameserversTable(nameservers: Status['nameservers'], paint: Paint): string[] {
  const rows = nameservers.map(({ name, site, revision, ready, dnsServer, queriesPerSec }) => [
    name,
    site,
    ready ? 'yes' : 'no',
    {
      text: dnsServer.state,
      style:
        dnsServer.state === 'down'
          ? ('red' as const)
          : dnsServer.state === 'starting'
            ? ('yellow' as const)
            : ('green' as const),
    },
    `${dnsServer.address}:${dnsServer.port}`,
    queriesPerSec === undefined ? '' : String(Math.round(queriesPerSec)),
    String(dnsServer.restarts),
    String(revision),
    dnsServer.detail,
  ])
  const header = [
    'NAMESERVER',
    'SITE',
    'READY',
    'DNS',
    'ADDRESS',
    'QUERIES/S',
    'RESTARTS',
    'REVISION',
    'DETAIL',
  ]
  return renderTable(header, rows, { paint, none: 'no nameservers' })
}

function endpointsTable(endpoints: Status['endpoints'], paint: Paint, nowMs: number): string[] {
  const rows = endpoints.map((one) => [
    `${one.pool}/${one.endpoint}`,
    one.address,
    String(one.port),
    one.site,
    {
      text: stateText(one),
      style: STATE_STYLES[one.degraded ? 'unknown' : one.state],
    },
    one.sinceMs === null ? '' : durationText(nowMs - one.sinceMs),
    one.detail,
  ])
  const header = ['ENDPOINT', 'ADDRESS', 'PORT', 'SITE', 'STATE', 'SINCE', 'LAST-PROBE']
  return renderTable(header, rows, { paint, none: 'no endpoints' })
}

function balancersTable(balancers: Status['loadBalancers'], paint: Paint): string[] {
  const rows = balancers.flatMap((balancer) => {
    const { name, answers } = balancer
    const policy = policyText(balancer)
    return answers.length === 0
      ? [[name, policy, '', 'no answer', '', '']]
      : answers.map((answer) => [
          name,
          policy,
          answer.type,
          { text: answerText(answer), ...(answer.rule === 'when-down' ? { style: 'red' as const } : {}) },
          String(answer.ttlSec),
          answer.readBackAtMs === null ? 'not yet' : new Date(answer.readBackAtMs).toISOString(),
        ])
  })
  const header = ['LOAD-BALANCER', 'POLICY', 'TYPE', 'ANSWER', 'TTL', 'READ-BACK']
  return renderTable(header, rows, { paint, none: 'no load balancers' })
}

function more(shown: readonly unknown[], total: number, noun: string): string[] {
  return total > shown.length ? [`and ${total - shown.length} more ${noun}: see --limit`] : []
}
