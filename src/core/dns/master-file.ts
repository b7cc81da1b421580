/**
 * A zone as a master file (RFC 1035 5): what it answers at this moment, for eyes, backups and other tools.
 * What must stay true: it is a zone that any server loads. What is chosen for each query stands in it with all its values, a
 * CNAME with the first of them, because it has one target; what is refused is left out; a comment says each of these.
 */
import type { ZonePlan } from '../steering/answer-plan.ts'
import { leafValues, leavesOf, valuesOf, type RecordSet } from './record-set.ts'

/** `serial`: 0 to 2^32 - 1 (RFC 1982). */
export function masterFile({ zone, owners }: ZonePlan, serial: number): string {
  const { soa } = zone
  const [primary = ''] = zone.nameservers
  const contact = soa.contact ?? `hostmaster.${zone.name}`
  const times = [serial, soa.refreshSec, soa.retrySec, soa.expireSec, soa.negativeTtlSec]
  const lines = [
    `$ORIGIN ${zone.name}.`,
    `${zone.name}. ${zone.ttlSec} IN SOA ${primary}. ${contact}. ${times.join(' ')}`,
  ]
  for (const [, records] of [...owners].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const record of records) lines.push(...linesOf(record))
  return `${lines.join('\n')}\n`
}

function linesOf(record: RecordSet): string[] {
  const { name, type, ttlSec } = record
  const line = (value: string) => `${name}. ${ttlSec} IN ${type} ${absolute(type, value)}`
  switch (record.kind) {
    case 'plain':
      return record.values.map(line)
    case 'refused':
      return [`; ${name}. ${type} is refused`]
    case 'steered': {
      const kinds = leavesOf(record.selector).map(({ kind }) => kind)
      const how = `${record.selector.kind === 'by-client' ? 'by client: ' : ''}${[...new Set(kinds)].join(', ')}`
      const values =
        type === 'CNAME' ? leavesOf(record.selector).flatMap(leafValues).slice(0, 1) : valuesOf(record)
      return [`; ${name}. ${type} is chosen for each query (${how}), of:`, ...values.map(line)]
    }
  }
}

/** Names in the data are absolute: with the dot at their end that record sets leave out. */
function absolute(type: RecordSet['type'], value: string): string {
  switch (type) {
    case 'CNAME':
    case 'NS':
      return `${value}.`
    case 'MX':
    case 'SRV':
      return `${value}.`
    case 'HTTPS':
    case 'SVCB': {
      const [priority = '', target = '', ...parameters] = value.split(' ')
      return [priority, target === '.' ? target : `${target}.`, ...parameters].join(' ')
    }
    case 'A':
    case 'AAAA':
    case 'TXT':
    case 'CAA':
    case 'DS':
      return value
  }
}
