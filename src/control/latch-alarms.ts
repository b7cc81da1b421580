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
      return `load balancer ${name} is latched on pool ${listed(pools)} at nameserver ${listed(who)} alone: answers differ until 'fairlead failback ${name}'`
    })
  const more = byBalancer.size - LISTED
  if (more > 0) alarms.push(`latched at some nameservers alone are ${more} more load balancers`)
  return alarms
}

function listed(words: readonly string[]): string {
  const more = words.length - LISTED
  const text = words.slice(0, LISTED).join(', ')
  return more > 0 ? `${text} and ${more} more` : text
}
