/** From what a simulation is to take down to the endpoints that are down in it. */
import { drainedBy } from '../core/model/drain.ts'
import type { Configuration } from '../core/model/configuration.ts'
import { pointerTo, type Fault } from '../core/model/fault.ts'
import { missing } from '../core/model/local-fault.ts'
import { drainTarget } from '../core/model/operation.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import { endpointsOfDrain } from '../core/steering/endpoints-of-drain.ts'

export type ParsedFailures =
  | { readonly kind: 'endpoints'; readonly endpoints: ReadonlySet<EndpointKey> }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }

/** Each is 'POOL/ENDPOINT', or 'site/NAME', 'pool/NAME', 'endpoint/POOL/NAME' as a drain names its target. */
export function parseFailures(fail: readonly string[], configuration: Configuration): ParsedFailures {
  const faults: Fault[] = []
  const endpoints = new Set<EndpointKey>()
  for (const [index, text] of fail.entries()) {
    const pointer = pointerTo('', 'fail', index)
    const name = /^(?:site|pool)\/|^endpoint\/[^/]*\//.test(text) ? text : `endpoint/${text}`
    if (!drainTarget.safeParse(name).success) {
      faults.push({ pointer, message: `'POOL/ENDPOINT', 'pool/POOL' or 'site/SITE' is expected` })
      continue
    }
    const absent = missing(configuration, { ...drainedBy({ name }), pointer })
    faults.push(...absent.map(({ message }) => ({ pointer, message })))
    for (const key of endpointsOfDrain(configuration, { name })) endpoints.add(key)
  }
  return faults.length > 0 ? { kind: 'invalid', faults } : { kind: 'endpoints', endpoints }
}
