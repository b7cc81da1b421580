/** Overrides, drains and the withdrawal budget as tables: with what is left of their time, for whoever watches them. */
import type { OperationsView } from '../../core/views/operations.ts'
import { durationText } from '../output/duration.ts'
import type { Paint } from '../output/paint.ts'
import { renderTable } from '../output/table.ts'

type DrainStatus = OperationsView['drains'][number]
type OverrideStatus = OperationsView['overrides'][number]

export function overridesTable(overrides: readonly OverrideStatus[], paint: Paint, nowMs: number): string[] {
  const rows = overrides.map((one) => [
    one.endpoint,
    one.state,
    one.verdict ?? 'unmonitored',
    endOf(one, nowMs),
    one.author,
    one.reason,
  ])
  const header = ['ENDPOINT', 'STATE', 'VERDICT', 'ENDS', 'AUTHOR', 'REASON']
  return renderTable(header, rows, { paint, none: 'no overrides' })
}

export function drainsTable(drains: readonly DrainStatus[], paint: Paint, nowMs: number): string[] {
  const rows = drains.map((one) => [
    one.target,
    one.phase,
    `${Math.round(one.share * 100)}%`,
    countdownOf(one, nowMs),
    resolversOf(one, nowMs),
    endOf(one, nowMs),
    one.author,
    one.reason,
  ])
  const header = ['WHAT', 'PHASE', 'WEIGHT', 'DRAINED', 'RESOLVERS', 'ENDS', 'AUTHOR', 'REASON']
  return renderTable(header, rows, { paint, none: 'no drains' })
}

export function budgetTable({ total, loadBalancers }: OperationsView['budget'], paint: Paint): string[] {
  const row = (name: string, one: OperationsView['budget']['total'], held: string) => [
    name,
    String(one.spent),
    one.limit === null ? 'no limit' : String(one.limit),
    one.windowSec === null ? '' : `${one.windowSec}s`,
    held,
  ]
  const rows = [
    row('all endpoints', total, ''),
    ...loadBalancers.map((one) => row(one.name, one, String(one.held))),
  ]
  return renderTable(['LOAD-BALANCER', 'TAKEN-OUT', 'LIMIT', 'WINDOW', 'HELD'], rows, { paint, none: '' })
}

/** One drain in a sentence. */
export function drainSentence(one: DrainStatus, nowMs: number): string {
  const about = `${one.endpoints} endpoints of ${one.loadBalancers} load balancers`
  const held = `resolvers may hold answers until ${timeOf(one.heldUntilMs)}`
  const end = one.expiresAtMs === null ? 'until it is cancelled' : `until ${timeOf(one.expiresAtMs)}`
  return `${one.target}: ${about}; drained ${countdownOf(one, nowMs)}, ${end}; ${held}`
}

/** Until no new answers are given. */
function countdownOf({ phase, startAtMs, drainedAtMs }: DrainStatus, nowMs: number): string {
  switch (phase) {
    case 'planned':
      return `in ${durationText(drainedAtMs - nowMs)}, begins in ${durationText(startAtMs - nowMs)}`
    case 'draining':
      return `in ${durationText(drainedAtMs - nowMs)}`
    case 'drained':
      return `${durationText(nowMs - drainedAtMs)} ago`
    case 'expired':
      return ''
  }
}

/** What they may still hold, as far as they keep to the time to live. */
function resolversOf({ phase, heldUntilMs, heldShare }: DrainStatus, nowMs: number): string {
  if (phase === 'expired') return ''
  if (phase !== 'drained') return `until ${durationText(heldUntilMs - nowMs)} from now`
  if (heldUntilMs <= nowMs) return 'none'
  return `about ${Math.round(heldShare * 100)}%, for ${durationText(heldUntilMs - nowMs)} more`
}

function endOf(one: { readonly expiresAtMs: number | null }, nowMs: number): string {
  if (one.expiresAtMs === null) return 'never'
  const inMs = one.expiresAtMs - nowMs
  return inMs > 0 ? `in ${durationText(inMs)}` : `expired ${durationText(-inMs)} ago`
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString()
}
