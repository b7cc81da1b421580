/**
 * The live view as lines of text: pure, so that what an operator sees is tested without a terminal.
 * What must stay true: never more lines than rows, never a line wider than the terminal; what does not fit is counted, not
 * dropped in silence; alarms come first.
 */
import type { Status } from '../../core/views/status.ts'
import type { TerminalSize } from '../io.ts'
import type { Paint } from '../output/paint.ts'
import { describeEvent } from '../output/describe-event.ts'
import { durationText } from '../output/duration.ts'
import { clip, fit, printable, widthOf } from '../output/printable.ts'
import { answerText, policyText, STATE_STYLES, stateText } from '../output/status-text.ts'

export interface ViewState {
  readonly status: Status
  /** Shown at the bottom, such as which `dig` to type. */
  readonly hints: readonly string[]
  /** Why what is shown may be old; null while connected. */
  readonly lost: string | null
}

interface Cell {
  readonly text: string
  readonly style?: keyof Paint
}
type Row = readonly Cell[]

interface Section {
  readonly header: readonly string[]
  readonly rows: readonly Row[]
  /** How many there are, which may be more than rows. */
  readonly total: number
}

export interface RenderContext {
  readonly size: TerminalSize
  readonly nowMs: number
  readonly paint: Paint
}

const MAX_ALARMS = 3
const GAP = '  '
/** What a section may take when all of them want more than there is. */
const SHARES = [0.4, 0.35, 0.25]

export function renderStatus(state: ViewState, context: RenderContext): string[] {
  const { size, paint } = context
  const line = (text: string, style?: keyof Paint) => {
    const clipped = clip(printable(text), size.columns)
    return style === undefined ? clipped : paint[style](clipped)
  }
  const top = [line(titleOf(state, context), 'bold'), ...noticesOf(state).map((text) => line(text, 'yellow'))]
  const bottom = state.hints.map((hint) => line(hint, 'dim')).slice(0, Math.max(0, size.rows - top.length))
  if (bottom.length > 0) bottom.unshift('')
  const sections = [
    endpointSection(state.status, context),
    balancerSection(state.status),
    eventSection(state.status),
  ]
  const room = size.rows - top.length - bottom.length
  const heights = shareOut(
    sections.map((section) => Math.max(1, section.rows.length) + 2),
    room,
  )
  const middle = sections.flatMap((section, index) => renderSection(section, heights[index] ?? 0, context))
  return [...top, ...middle, ...bottom].slice(0, size.rows)
}

function titleOf({ status }: ViewState, { nowMs }: RenderContext): string {
  const { endpoints, loadBalancers } = status.counts
  const time = new Date(nowMs).toISOString().slice(11, 19)
  const other = endpoints.other > 0 ? `, ${endpoints.other} other` : ''
  const health = `${endpoints.up} up, ${endpoints.down} down, ${endpoints.unknown} unknown${other}`
  return `Fairlead ${status.version}  ${time} UTC  revision ${status.revision}  ${endpoints.total} endpoints: ${health}  ${loadBalancers.total} load balancers`
}

function noticesOf({ status, lost }: ViewState): string[] {
  const dns = status.nameservers
    .filter((one) => one.dnsServer.state === 'down' || one.dnsServer.state === 'starting')
    .map((one) => `DNS server of ${one.name} is ${one.dnsServer.state}: ${one.dnsServer.detail}`)
  const alarms = [...status.alarms, ...dns]
  const rest = alarms.length > MAX_ALARMS ? [`! and ${alarms.length - MAX_ALARMS} more alarms`] : []
  const cut = lost === null ? [] : [`! not connected, what is shown is old: ${lost}`]
  return [...cut, ...alarms.slice(0, MAX_ALARMS).map((alarm) => `! ${alarm}`), ...rest]
}

function endpointSection(status: Status, { nowMs }: RenderContext): Section {
  const rows = status.endpoints.map((one): Row => {
    const host = one.address.includes(':') ? `[${one.address}]` : one.address
    return [
      { text: `${one.pool}/${one.endpoint}` },
      {
        text: stateText(one),
        style: STATE_STYLES[one.degraded ? 'unknown' : one.state],
      },
      { text: one.sinceMs === null ? '-' : durationText(nowMs - one.sinceMs) },
      { text: one.site },
      { text: `${host}:${one.port}` },
      { text: one.detail, style: 'dim' },
    ]
  })
  const header = ['ENDPOINT', 'STATE', 'SINCE', 'SITE', 'ADDRESS', 'LAST PROBE']
  return { header, rows, total: status.counts.endpoints.total }
}

function balancerSection(status: Status): Section {
  const rows = status.loadBalancers.flatMap((balancer) =>
    balancer.answers.map((answer): Row => {
      const isSeen = answer.readBackAtMs !== null
      return [
        { text: balancer.name },
        { text: policyText(balancer) },
        { text: answer.type },
        { text: String(answer.ttlSec) },
        isSeen ? { text: 'yes' } : { text: 'not yet', style: 'yellow' },
        { text: answerText(answer), ...(answer.rule === 'when-down' ? { style: 'red' as const } : {}) },
      ]
    }),
  )
  const hidden = status.counts.loadBalancers.total - status.loadBalancers.length
  return {
    header: ['LOAD BALANCER', 'POLICY', 'TYPE', 'TTL', 'READ BACK', 'ANSWER NOW'],
    rows,
    total: rows.length + hidden,
  }
}

function eventSection(status: Status): Section {
  const rows = status.events
    .filter((event) => event.kind !== 'publication')
    .map((event): Row => {
      const { text, style } = describeEvent(event)
      return [{ text: new Date(event.atMs).toISOString().slice(11, 19) }, { text, style }]
    })
  return { header: ['LAST EVENTS'], rows, total: 0 }
}

/** `height` counts the empty line before the section and its header. */
function renderSection(section: Section, height: number, { size, paint }: RenderContext): string[] {
  if (height < 3) return []
  const { header, rows } = section
  const room = height - 2
  const cut = section.total > Math.min(rows.length, room) && section.total > 0
  const shown = rows.slice(0, cut ? room - 1 : room)
  const columns = Math.max(header.length, ...shown.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(
      columns === header.length ? widthOf(header[column] ?? '') : 0,
      ...shown.map((row) => widthOf(printable(row[column]?.text ?? ''))),
    ),
  )
  const lines = shown.map((row) => renderRow(row, widths, { columns: size.columns, paint }))
  const title = header
    .map((text, column) => (header.length === 1 ? text : fit(text, widths[column] ?? 0)))
    .join(GAP)
  const more = cut ? [paint.dim(clip(`... and ${section.total - shown.length} more`, size.columns))] : []
  const none = rows.length === 0 ? [paint.dim('none')] : []
  return ['', paint.bold(clip(title.trimEnd(), size.columns)), ...none, ...lines, ...more]
}

/** Clips before painting: a clipped colour code would leak into the next line. */
function renderRow(row: Row, widths: readonly number[], options: { columns: number; paint: Paint }): string {
  let left = options.columns
  let line = ''
  for (const [column, { text, style }] of row.entries()) {
    if (left <= 0) break
    const last = column === row.length - 1
    const cell = last ? printable(text) : fit(printable(text), widths[column] ?? 0)
    const clipped = clip(cell, left)
    line += style === undefined ? clipped : options.paint[style](clipped)
    left -= widthOf(clipped)
    if (!last && left > 0) {
      const gap = GAP.slice(0, left)
      line += gap
      left -= gap.length
    }
  }
  return line.trimEnd()
}

/** Lines for each section: all it wants where that fits, else its share; what one leaves over goes to those that want more. */
function shareOut(wanted: readonly number[], room: number): number[] {
  const given = wanted.map((want, index) =>
    Math.min(want, Math.floor(Math.max(0, room) * (SHARES[index] ?? 0))),
  )
  let left = Math.max(0, room) - given.reduce((sum, height) => sum + height, 0)
  for (const [index, want] of wanted.entries()) {
    const extra = Math.min(left, want - (given[index] ?? 0))
    given[index] = (given[index] ?? 0) + extra
    left -= extra
  }
  return given
}
