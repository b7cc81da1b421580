/** What the page knows of the cluster, and how an event changes it before it is read anew. */
import type { NameserverDetail } from '../../../src/core/views/health.ts'
import type { Status, StatusEvent } from '../../../src/core/views/status.ts'

export interface Known {
  readonly status: Status
  readonly nameservers: readonly NameserverDetail[]
}

export type EndpointStatus = Status['endpoints'][number]
type Transition = Extract<StatusEvent, { kind: 'transition' }>

const KEPT_EVENTS = 50

/** An event that was known already, by a reading that was later than it, changes nothing. */
export function knownAfter(known: Known, event: StatusEvent): Known {
  const before = known.status.events
  const oldest = before.length < KEPT_EVENTS ? undefined : before.at(-1)
  if (oldest !== undefined && event.atMs < oldest.atMs) return known
  if (before.some((one) => one.atMs === event.atMs && textOf(one) === textOf(event))) return known
  const events = [event, ...before].slice(0, KEPT_EVENTS)
  const status = { ...known.status, events }
  return { ...known, status: event.kind === 'transition' ? afterTransition(status, event) : status }
}

/** An endpoint that is not listed, or has no verdict of its own now, stays as it is until it is read anew. */
function afterTransition(
  status: Status,
  { endpoint: key, to, degraded, atMs, rule, reason }: Transition,
): Status {
  const index = status.endpoints.findIndex(({ pool, endpoint }) => `${pool}/${endpoint}` === key)
  const before = status.endpoints[index]
  if (before === undefined || before.state === 'disabled' || before.state === 'unmonitored') return status
  const after: EndpointStatus = { ...before, state: to, degraded, sinceMs: atMs, rule, detail: reason }
  const moved = { from: { state: before.state, degraded: before.degraded }, to: { state: to, degraded } }
  const { pool } = before
  return {
    ...status,
    counts: { ...status.counts, endpoints: countsAfter(status.counts.endpoints, moved) },
    loadBalancers: status.loadBalancers.map((one) =>
      one.counts !== undefined && one.pools?.includes(pool)
        ? { ...one, counts: countsAfter(one.counts, moved) }
        : one,
    ),
    ...(status.pools && {
      pools: status.pools.map((one) =>
        one.name === pool ? { ...one, counts: countsAfter(one.counts, moved) } : one,
      ),
    }),
    endpoints: status.endpoints.with(index, after),
  }
}

interface Verdict {
  readonly state: Transition['to']
  readonly degraded: boolean
}

function countsAfter<Counts extends Status['counts']['endpoints'] & { degraded?: number }>(
  counts: Counts,
  { from, to }: { readonly from: Verdict; readonly to: Verdict },
): Counts {
  const after = { ...counts }
  after[from.state] -= 1
  after[to.state] += 1
  if (after.degraded !== undefined)
    after.degraded += Number(to.state === 'up' && to.degraded) - Number(from.state === 'up' && from.degraded)
  return after
}

/** The same for the same event, whatever the order of its fields. */
function textOf(event: StatusEvent): string {
  return JSON.stringify(event, Object.keys(event).sort())
}
