/** A signed zone for people: keys as a table, then the parent, then what to do next. */
import type { DnssecView } from '../../core/views/dnssec.ts'
import { durationText } from '../output/duration.ts'
import type { Paint } from '../output/paint.ts'
import { renderTable } from '../output/table.ts'

export function describeDnssec(
  view: DnssecView,
  { paint, nowMs }: { readonly paint: Paint; readonly nowMs: number },
): string[] {
  const rows = view.keys.map((key) => [
    String(key.tag),
    key.role,
    String(key.algorithm),
    key.published ? 'yes' : 'no',
    key.active ? 'yes' : 'no',
    durationText(nowMs - key.createdAtMs),
    key.role === 'zsk' ? '' : key.atParent === null ? 'not known' : key.atParent ? 'yes' : 'no',
    roleIn(view, key.tag),
  ])
  const header = ['KEY', 'ROLE', 'ALGORITHM', 'PUBLISHED', 'SIGNS', 'AGE', 'DS-AT-PARENT', 'ROLLOVER']
  return [
    `zone ${view.zone}, denial by ${view.denial}`,
    ...renderTable(header, rows, { paint, none: 'no keys' }),
    ...parentLines(view),
    ...rolloverLines(view, nowMs),
    'DS for the parent:',
    ...view.ds.map((line) => `  ${line}`),
    `next: ${view.next}`,
  ]
}

function roleIn({ rollover }: DnssecView, tag: number): string {
  if (rollover?.incoming.includes(tag) === true) return 'comes'
  return rollover?.retiring.includes(tag) === true ? 'goes' : ''
}

function parentLines({ parent }: DnssecView): string[] {
  if (parent === null) return []
  if (parent.problem !== null) return [`parent: not known what it has (${parent.problem})`]
  return parent.servers.map(
    ({ server, ds }) => `parent ${server}: ${ds.length === 0 ? 'no DS' : `DS ${ds.join('; ')}`}`,
  )
}

function rolloverLines({ rollover }: DnssecView, nowMs: number): string[] {
  if (rollover === null) return []
  const left = rollover.dueMs - nowMs
  const wait = left > 0 ? `, the next step in ${durationText(left)}` : ', the next step may be taken'
  return [
    `rollover of the ${rollover.kind}: ${rollover.step} for ${durationText(nowMs - rollover.sinceMs)}${wait}`,
  ]
}
