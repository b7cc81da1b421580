/** An explanation for people: the answer first, then where it comes from, then every endpoint with its votes and probes. */
import type { Explanation } from '../../core/views/explanation.ts'
import { durationText } from '../output/duration.ts'
import type { Paint } from '../output/paint.ts'
import { printable } from '../output/printable.ts'
import { renderTable } from '../output/table.ts'

type Endpoint = Explanation['endpoints'][number]
type Probe = Endpoint['probes'][number]

export function describeExplanation(explanation: Explanation, paint: Paint, nowMs: number): string[] {
  const { name, type, client, steps, endpoints } = explanation
  const asker = client === null ? '' : ` (for the client ${client})`
  return [
    paint.bold(printable(`${name} ${type}${asker}`)),
    `answer     ${answerLine(explanation)}`,
    `from       ${originLine(explanation)}`,
    `published  ${publicationLine(explanation)}`,
    ...(steps.length === 0 ? [] : ['', paint.bold('STEPS')]),
    ...steps.map((step, index) => `${String(index + 1).padStart(3)}. ${printable(step)}`),
    ...(endpoints.length === 0 ? [] : ['', ...endpointsTable(endpoints, paint)]),
    ...endpoints.flatMap((endpoint) => evidenceOf(endpoint, paint, nowMs)),
  ]
}

function answerLine({ answer }: Explanation): string {
  const values = answer.values.map((value, index) => {
    const weight = answer.weights?.[index]
    return weight === undefined ? value : `${value} (weight ${weight})`
  })
  const ttl = answer.ttlSec === null ? '' : `, TTL ${answer.ttlSec}`
  const one = answer.kind === 'weighted' ? 'one of ' : ''
  return printable(`${answer.rcode} ${one}${values.length === 0 ? 'no records' : values.join(', ')}${ttl}`)
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

function endpointsTable(endpoints: readonly Endpoint[], paint: Paint): string[] {
  const rows = endpoints.map((one) => [
    `${one.pool}/${one.endpoint}`,
    one.address,
    one.site,
    String(one.weight),
    { text: one.eligible ? 'yes' : 'no', style: one.eligible ? ('green' as const) : ('red' as const) },
    one.reason,
    one.answered ? 'yes' : 'no',
  ])
  const header = ['ENDPOINT', 'ADDRESS', 'SITE', 'WEIGHT', 'ELIGIBLE', 'REASON', 'ANSWERED']
  return renderTable(header, rows, { paint, none: 'no endpoints' })
}

function evidenceOf({ pool, endpoint, verdict, probes }: Endpoint, paint: Paint, nowMs: number): string[] {
  if (verdict === null && probes.length === 0) return []
  return [
    '',
    paint.bold(printable(`${pool}/${endpoint}`)),
    ...(verdict === null ? [] : verdictLines(verdict, nowMs)),
    ...probes.map((probe) => printable(`  probe     ${probeLine(probe, nowMs)}`)),
  ]
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
