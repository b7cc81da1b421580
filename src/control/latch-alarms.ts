/** What an operator is told of latches that some nameservers alone have: who, on which pool, and how they become one again. */
import type { LoneLatch } from './lone-latches.ts'

const LISTED = 5

/** `shown`: what nameservers are called. */
export function latchAlarms(lone: readonly LoneLatch[], shown: ReadonlyMap<string, string>): string[] {
  const byBalancer = Map.groupBy(lone, ({ loadBalancer }) => loadBalancer)
  const alarms = Array.from(byBalancer)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, LISTED)
    .map(([name, ofBalancer]) => {
      const who = ofBalancer.map(({ nameserver }) => shown.get(nameserver) ?? nameserver).sort()
      const pools = [...new Set(ofBalancer.flatMap((one) => one.pools))].sort()
      const whom = who.length === 1 ? `nameserver ${who[0] ?? ''} has` : `nameservers ${listed(who)} have`
      return `${whom} latched ${name} on pool ${listed(pools)}, and the others have not: answers differ until 'fairlead failback ${name}'`
    })
  const more = byBalancer.size - LISTED
  return more > 0 ? [...alarms, `and so it is with ${more} more load balancers`] : alarms
}

function listed(words: readonly string[]): string {
  const more = words.length - LISTED
  return `${words.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
