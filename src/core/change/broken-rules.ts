/**
 * Which safety rules a change would break. Pure.
 * What must stay true: a rule is judged by what the change makes worse, so that what was broken before (an outage, a rule that came
 * later) forbids nothing else; it is judged as it was before the change, so that nobody takes it off in passing.
 */
import { endpointsOfPool, type Configuration } from '../model/configuration.ts'
import { matchesGlob } from '../model/glob.ts'
import { poolsWithin } from '../model/nested-pools.ts'
import { endpointKey, type EndpointKey } from '../model/resource.ts'
import { endpointsOfDrain } from '../steering/endpoints-of-drain.ts'
import { isExpired } from '../steering/operations-in-force.ts'
import type { Rule } from '../model/rule.ts'

export interface BrokenRule {
  readonly name: string
  /** The rule's own. */
  readonly message: string
  /** What would be left, in words. */
  readonly finding: string
}

export interface RuledChange {
  readonly before: Configuration
  readonly next: Configuration
  readonly wallMs: number
}

export function brokenRules({ before, next, wallMs }: RuledChange): BrokenRule[] {
  const rules = new Map([...next.rule, ...before.rule])
  if (rules.size === 0) return []
  const states = [before, next].map((configuration) => standing(configuration, wallMs)) as [
    Standing,
    Standing,
  ]
  return Array.from(rules.values())
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((rule) =>
      findings(rule, states).map((finding) => ({
        ...{ name: rule.name, message: rule.message, finding },
      })),
    )
}

/** A configuration with the endpoints that its drains take. A drain counts from when it is planned on: it will be in force. */
interface Standing {
  readonly configuration: Configuration
  readonly drained: ReadonlySet<EndpointKey>
  readonly wallMs: number
}

function standing(configuration: Configuration, wallMs: number): Standing {
  const drains = [...configuration.drain.values()].filter((drain) => !isExpired(drain, wallMs))
  const drained = new Set(drains.flatMap((drain) => endpointsOfDrain(configuration, drain)))
  return { configuration, drained, wallMs }
}

function findings(rule: Rule, [before, next]: readonly [Standing, Standing]): string[] {
  if (rule.kind === 'sites-in-service') {
    const [had, has] = [sitesInService(rule.sites, before), sitesInService(rule.sites, next)]
    if (has >= rule.atLeast || has >= had) return []
    return [
      `${has} of the sites ${rule.sites.join(', ')} would be in service, at least ${rule.atLeast} have to be`,
    ]
  }
  const pools = new Set([before, next].flatMap(({ configuration }) => [...configuration.pool.keys()]))
  return [...pools]
    .filter((pool) => rule.pools.some((glob) => matchesGlob(glob, pool)))
    .flatMap((pool) => {
      const had = before.configuration.pool.has(pool) ? endpointsInService(pool, before) : Infinity
      const has = endpointsInService(pool, next)
      if (has >= rule.atLeast || has >= had) return []
      return [
        `${has} endpoints of the pool '${pool}' would be in service, at least ${rule.atLeast} have to be`,
      ]
    })
    .sort()
}

function sitesInService(sites: readonly string[], { configuration, wallMs }: Standing): number {
  const { site, drain } = configuration
  return sites.filter((name) => site.has(name) && !isDrained(drain, `site/${name}`, wallMs)).length
}

/** With those of the pools inside it, as it is answered with. */
function endpointsInService(pool: string, { configuration, drained, wallMs }: Standing): number {
  let count = 0
  for (const one of poolsWithin(configuration.pool, pool))
    for (const { name, enabled } of endpointsOfPool(configuration, one)) {
      const key = endpointKey(one, name)
      const forced = configuration.override.get(key)
      const isForcedDown = forced?.state === 'forced-down' && !isExpired(forced, wallMs)
      if (enabled && !isForcedDown && !drained.has(key)) count += 1
    }
  return count
}

function isDrained(drains: Configuration['drain'], target: string, wallMs: number): boolean {
  const drain = drains.get(target)
  return drain !== undefined && !isExpired(drain, wallMs)
}
