/**
 * Reports of nodes on the wire: one JSON object a line, from a node to a control.
 * What must stay true: a node speaks for itself alone: its role, name and site are those of its certificate; what it says of others
 * bears its name; a node newer than this control may say more, and what it says more is left out.
 */
import { z } from 'zod'
import { latchSchema } from '../../core/model/latch.ts'
import { DECIDED_TYPES } from '../../core/steering/decision.ts'
import type { NodeReport } from '../../ports/report.ts'
import { formatPeerIdentity, type PeerIdentity } from '../../core/model/peer-identity.ts'
import { WireFault } from './wire-fault.ts'

const text = z.string().max(4_096)
const name = z.string().max(255)
const count = z.number().min(0)
const atMs = z.number()

const answer = z.object({
  name,
  zone: name,
  type: z.enum(DECIDED_TYPES),
  values: z.array(name).max(10_000),
  ttlSec: count,
  serial: count,
  writtenAtMs: atMs,
  readBackAtMs: atMs.nullable(),
})

const nameserver = z.object({
  name,
  site: name,
  version: name.optional(),
  revision: count,
  ready: z.boolean(),
  dnsServer: z.object({
    state: z.enum(['starting', 'running', 'adopted', 'attached', 'down']),
    address: name,
    port: count,
    pid: count.nullable(),
    restarts: count,
    version: name.nullable(),
    detail: text,
  }),
  unpublishedForMs: count.nullable(),
  heldZones: count.exactOptional(),
  latches: z.array(latchSchema).max(100_000).exactOptional(),
  verdictDigest: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .exactOptional(),
  heldEndpoints: count.exactOptional(),
  front: z
    .object({
      state: z.enum(['starting', 'running', 'adopted', 'attached', 'down']),
      ...{ pid: count.nullable(), restarts: count, version: name.nullable(), detail: text },
    })
    .exactOptional(),
  traffic: z
    .object({
      ...{ atMs, queries: count, latencyUs: count, cacheHits: count, cacheMisses: count },
      responses: z.record(name, count),
      answers: z
        .array(
          z.object({
            ...{ name, type: name, queries: count },
            values: z
              .array(z.object({ value: name, answers: count }))
              .max(10_000)
              .exactOptional(),
          }),
        )
        .max(100_000)
        .exactOptional(),
    })
    .exactOptional(),
  secondaries: z
    .array(
      z.object({
        ...{ zone: name, secondary: name, detail: text },
        by: z.enum(['transfer', 'update']),
        state: z.enum(['current', 'behind', 'silent']),
        serial: count.nullable(),
        behindForMs: count.nullable(),
      }),
    )
    .max(100_000)
    .exactOptional(),
})

const checker = z.object({
  name,
  site: name,
  version: name,
  revision: count,
  feed: z.enum(['connected', 'disk', 'none']),
  endpoints: count,
  readers: count,
  probesRunning: count,
  probesWaiting: count,
  localErrors: count,
})

const event = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('alarm'), atMs, source: name, message: text }),
  z.object({
    kind: z.literal('publication'),
    atMs,
    zone: name,
    serial: count,
    owners: z.array(name).max(100_000),
    readBackMs: z.number().nullable(),
  }),
])

const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('event'), event }),
  z.object({ kind: z.literal('published'), answers: z.array(answer).max(100_000) }),
  z.object({ kind: z.literal('withdrawn'), names: z.array(name).max(100_000) }),
  z.object({ kind: z.literal('nameserver'), report: nameserver }),
  z.object({ kind: z.literal('checker'), report: checker }),
  z.object({
    ...{ kind: z.literal('refused'), who: text, from: name, reason: text },
    vouched: z.literal(true).exactOptional(),
  }),
])

export const MAX_REPORT_BYTES = 16 * 1_024 * 1_024

/** Throws WireFault. */
export function parseReport(line: string, from: PeerIdentity): NodeReport {
  const report = reportOf(line)
  if (from.role === 'control') throw new WireFault('a control sends no reports')
  // Names of checkers are unique, those of nameservers at their site.
  const who = from.role === 'checker' ? `checker ${from.name}` : `nameserver ${from.site}/${from.name}`
  if (report.kind === 'event' && report.event.kind === 'alarm')
    return { kind: 'event', event: { ...report.event, source: who } }
  if (report.kind === 'refused') {
    // Nobody else has seen it: the audit log must not have it as if it were known here.
    const said = report.who === '' ? '' : `${report.who}, says ${formatPeerIdentity(from)}`
    return { ...report, who: said }
  }
  const isOfCheckers = report.kind === 'checker'
  if (isOfCheckers !== (from.role === 'checker')) {
    const kind = report.kind === 'event' ? report.event.kind : report.kind
    throw new WireFault(`a report of the kind '${kind}' from a ${from.role}`)
  }
  if (report.kind === 'published' || report.kind === 'withdrawn')
    return { ...report, by: `${from.site}/${from.name}` }
  if (report.kind === 'event') return { kind: 'event', event: { ...report.event, source: who } }
  const { name: saidName, site: saidSite } = report.report
  if (saidName !== from.name || saidSite !== from.site)
    throw new WireFault(`${formatPeerIdentity(from)} reports as ${saidName} in ${saidSite}`)
  return report as NodeReport
}

function reportOf(line: string): z.output<typeof reportSchema> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new WireFault('a report that is not JSON')
  }
  const parsed = reportSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const { path = [], message = '' } = parsed.error.issues[0] ?? {}
  throw new WireFault(`a report that is not known here: ${path.map(String).join('.')}: ${message}`)
}
