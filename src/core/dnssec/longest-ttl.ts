/** How long a signature of a zone may stay in a cache. Pure. */
import type { Configuration } from '../model/configuration.ts'
import type { Zone } from '../model/zone.ts'

/** The longest time to live of any record of the zone, in seconds. */
export function longestTtlSec(zone: Zone, configuration: Configuration): number {
  let longest = Math.max(zone.ttlSec, zone.soa.negativeTtlSec)
  for (const record of zone.records) longest = Math.max(longest, record.ttlSec ?? 0)
  for (const balancer of configuration.loadBalancer.values())
    if (balancer.zone === zone.name) longest = Math.max(longest, balancer.ttlSec)
  return longest
}
