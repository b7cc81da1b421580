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

export function knownAfter(known: Known, event: StatusEvent): Known {
  const events = [event, ...known.status.events].slice(0, KEPT_EVENTS)
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
  const counted = { ...status.counts.endpoints }
  counted[before.state] -= 1
  counted[to] += 1
  return {
    ...status,
    counts: { ...status.counts, endpoints: counted },
    endpoints: status.endpoints.with(index, after),
  }
}
