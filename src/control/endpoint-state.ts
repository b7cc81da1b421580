/** What an endpoint is: its verdict, or why it has none. */
import { poolOf, type EndpointKey } from '../core/model/resource.ts'
import type { Status } from '../core/views/status.ts'
import type { Observer } from './observer.ts'

export type EndpointState = Status['endpoints'][number]['state']

export function endpointState(observer: Observer, key: EndpointKey): EndpointState {
  const { configuration } = observer.snapshot
  if (configuration.endpoint.get(key)?.enabled === false) return 'disabled'
  if ((configuration.pool.get(poolOf(key))?.monitors.length ?? 0) === 0) return 'unmonitored'
  return observer.standing(key)?.state ?? 'unknown'
}
