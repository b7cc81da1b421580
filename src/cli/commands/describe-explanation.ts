/** An explanation for people: the answer first, then where it comes from, then every endpoint with its votes and probes. */
import type { Explanation } from '../../core/views/explanation.ts'
import { durationText } from '../output/duration.ts'
import type { Paint } from '../output/paint.ts'
import { percent } from '../output/percent.ts'
import { printable } from '../output/printable.ts'
import { renderTable } from '../output/table.ts'

type Endpoint = Explanation['endpoints'][number]
type Probe = Endpoint['probes'][number]

/** `shownAtMs`: when it is shown; an explanation of the past is read as of its own moment. */
export function describeExplanation(explanation: Explanation, paint: Paint, shownAtMs: number): string[] {
  const { name, type, client, steps, endpoints, routes, atMs, notKept } = explanation
  const nowMs = atMs ?? shownAtMs
  const asker = client === null ? '' : ` (for the client ${client})`
  const when = atMs === null ? '' : `, as it was at ${new Date(atMs).toISOString()}`
  return [
    paint.bold(printable(`${name} ${type}${asker}${when}`)),
    ...(client === null ? [] : [`client     ${locationLine(explanation)}`]),
    `answer     ${atMs === null ? '' : 'as far as is kept: '}${answerLine(explanation)}`,
    `from       ${originLine(explanation)}`,
    ...(atMs === null ? [`published  ${publicationLine(explanation)}`] : []),
    ...notKept.map((what) => printable(`not kept   ${what}`)),
    ...(steps.length === 0 ? [] : ['', paint.bold('STEPS')]),
    ...steps.map((step, index) => `${String(index + 1).padStart(3)}. ${printable(step)}`),
    ...(routes.length < 2 ? [] : ['', ...routesTable(routes, paint)]),
    ...(endpoints.length === 0 ? [] : ['', ...endpointsTable(endpoints, paint)]),
    ...endpoints.flatMap((endpoint) => evidenceOf(endpoint, paint, nowMs)),
  ]
}

function locationLine({ location }: Explanation): string {
  if (location === null) return 'nobody knows where it is'
  const { continent, country, asn, latitude, longitude } = location
  const parts = [
    ...(continent === undefined ? [] : [`continent ${continent}`]),
    ...(country === undefined ? [] : [`country ${country}`]),
    ...(asn === undefined ? [] : [`AS${asn}`]),
    ...(latitude === undefined || longitude === undefined ? [] : [`at ${latitude}, ${longitude}`]),
  ]
  return printable(parts.join(', '))
}

function answerLine({ answer }: Explanation): string {
  const isDrawn = answer.shares?.some((share) => share < 1) ?? false
  const values = answer.values.map((value, index) => {
    const notes = [
      ...(answer.weights?.[index] === undefined ? [] : [`weight ${answer.weights[index]}`]),
      ...(isDrawn ? [percent(answer.shares?.[index] ?? 0)] : []),
    ]
    return notes.length === 0 ? value : `${value} (${notes.join(', ')})`
  })
  const ttl = answer.ttlSec === null ? '' : `, TTL ${answer.ttlSec}`
  const how = isDrawn ? `${answer.kind}: ` : ''
  return printable(`${answer.rcode} ${how}${values.length === 0 ? 'no records' : values.join(', ')}${ttl}`)
}

function originLine({ kind, zone, loadBalancer, rule, revision }: Explanation): string {
  const where = zone === null ? '' : ` in the zone ${zone}`
  const what = loadBalancer === null ? kind : `load balancer ${loadBalancer}`
  return printable(`${what}${where}, by ${rule}, revision ${revision}`)
}

function publicationLine({ publication }: Explanation): string {
  if (publication === null) return 'not yet'
  const { serial, writtenAtMs, readBackAtMs, values } = publication
  const time = (atMs: number) => new Date(atMs).toISOString()
  const seen =
    readBackAtMs === null
      ? 'not read back yet'
      : `read back ${time(readBackAtMs)} (${Math.max(0, readBackAtMs - writtenAtMs).toFixed(1)} ms later)`
  return printable(
    `${values.join(', ') || 'no address'}, serial ${serial}, written ${time(writtenAtMs)}, ${seen}`,
  )
}

function routesTable(routes: Explanation['routes'], paint: Paint): string[] {
  const rows = routes.map((one) => [
    one.isChosen ? { text: '>', style: 'green' as const } : '',
    one.route === 0 ? 'policy' : `rule ${one.route}`,
    one.clients,
    one.rule,
    one.tier === null ? '-' : String(one.tier),
    String(one.eligible.length),
  ])
  return renderTable(['', 'ROUTE', 'CLIENTS', 'BY', 'TIER', 'ELIGIBLE'], rows, { paint, none: 'no routes' })
}

function endpointsTable(endpoints: readonly Endpoint[], paint: Paint): string[] {
  const rows = endpoints.map((one) => [
    `${one.pool}/${one.endpoint}`,
    one.address,
    one.site,
    one.weightShare === 1 ? String(one.weight) : `${one.weight} x ${percent(one.weightShare)}`,
    { text: one.eligible ? 'yes' : 'no', style: one.eligible ? ('green' as const) : ('red' as const) },
    one.reason,
    one.answered ? 'yes' : 'no',
  ])
  const header = ['ENDPOINT', 'ADDRESS', 'SITE', 'WEIGHT', 'ELIGIBLE', 'REASON', 'ANSWERED']
  return renderTable(header, rows, { paint, none: 'no endpoints' })
}

function evidenceOf(endpoint: Endpoint, paint: Paint, nowMs: number): string[] {
  const { verdict, probes } = endpoint
  const lines = [
    ...operationLines(endpoint),
    ...(verdict === null ? [] : verdictLines(verdict, nowMs)),
    ...probes.map((probe) => printable(`  probe     ${probeLine(probe, nowMs)}`)),
  ]
  return lines.length === 0
    ? []
    : ['', paint.bold(printable(`${endpoint.pool}/${endpoint.endpoint}`)), ...lines]
}

/** What operators said stands before what checkers say, and not over it. */
function operationLines({ override, drain }: Endpoint): string[] {
  const by = (author: string, untilMs: number | null) =>
    (author === '' ? '' : `, by ${author}`) +
    (untilMs === null ? '' : `, until ${new Date(untilMs).toISOString()}`)
  return [
    ...(override === null
      ? []
      : [`  override  ${override.state}: ${override.reason}${by(override.author, override.expiresAtMs)}`]),
    ...(drain === null
      ? []
      : [
          `  drain     ${drain.phase} (${drain.name}): ${drain.reason}${by(drain.author, drain.expiresAtMs)}`,
        ]),
  ].map(printable)
}

function verdictLines(verdict: NonNullable<Endpoint['verdict']>, nowMs: number): string[] {
  const { state, degraded, rule, quorum, votes, sinceMs } = verdict
  const since = sinceMs === null ? '' : ` for ${durationText(nowMs - sinceMs)}`
  const head = `  verdict   ${state}${degraded ? ', degraded' : ''}${since}, by ${rule} (needs ${quorum.down} down or ${quorum.up} up)`
  const lines = votes.map(({ site, vote, ballots }) => {
    const checkers = ballots.map(
      (one) =>
        `${one.checker} ${one.state ?? 'says nothing'}${one.fenced ? ', fenced' : ''}${one.live ? '' : ', silent'}`,
    )
    return `  vote      ${site}: ${vote ?? 'none'} (${checkers.join('; ')})`
  })
  return [head, ...lines].map(printable)
}

function probeLine({ monitor, checker, outcome, detail, phases, atMs }: Probe, nowMs: number): string {
  const { totalMs, connectMs, tlsMs, firstByteMs } = phases
  const parts = [
    ...(connectMs === undefined ? [] : [`connect ${connectMs.toFixed(1)}`]),
    ...(tlsMs === undefined ? [] : [`tls ${tlsMs.toFixed(1)}`]),
    ...(firstByteMs === undefined ? [] : [`first byte ${firstByteMs.toFixed(1)}`]),
  ]
  const split = parts.length === 0 ? '' : ` (${parts.join(', ')})`
  return `${monitor} by ${checker}: ${outcome}, ${detail}, ${totalMs.toFixed(1)} ms${split}, ${durationText(nowMs - atMs)} ago`
}
