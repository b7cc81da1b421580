/**
 * Which safety rules a change would break. Pure.
 * What must stay true: a rule is judged by what the change makes worse, so that what was broken before (an outage, a rule that came
 * later) forbids nothing else; it is judged as it was before the change, so that nobody takes it off in passing.
 */
import { isExpired } from '../steering/operations-in-force.ts'
import type { Configuration } from '../model/configuration.ts'
import { endpointsOfPool } from '../model/configuration.ts'
import { matchesGlob } from '../model/glob.ts'
import { endpointKey } from '../model/resource.ts'
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
  return Array.from(rules.values())
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((rule) =>
      findings(rule, { before, next, wallMs }).map((finding) => ({
        ...{ name: rule.name, message: rule.message, finding },
      })),
    )
}

function findings(rule: Rule, { before, next, wallMs }: RuledChange): string[] {
  if (rule.kind === 'sites-in-service') {
    const [had, has] = [before, next].map((one) => sitesInService(rule.sites, one, wallMs)) as [
      number,
      number,
    ]
    if (has >= rule.atLeast || has >= had) return []
    return [
      `${has} of the sites ${rule.sites.join(', ')} would be in service, at least ${rule.atLeast} have to be`,
    ]
  }
  const pools = new Set([...before.pool.keys(), ...next.pool.keys()])
  return [...pools]
    .filter((pool) => rule.pools.some((glob) => matchesGlob(glob, pool)))
    .flatMap((pool) => {
      // What touches neither a pool nor what is in it is not looked at any further.
      const had = before.pool.has(pool) ? endpointsInService(pool, before, wallMs) : Infinity
      const has = endpointsInService(pool, next, wallMs)
      if (has >= rule.atLeast || has >= had) return []
      return [
        `${has} endpoints of the pool '${pool}' would be in service, at least ${rule.atLeast} have to be`,
      ]
    })
    .sort()
}

function sitesInService(sites: readonly string[], { site, drain }: Configuration, wallMs: number): number {
  return sites.filter((name) => site.has(name) && !isDrained(drain, `site/${name}`, wallMs)).length
}

/** A drain counts from when it is planned on: it will be in force. */
function endpointsInService(pool: string, configuration: Configuration, wallMs: number): number {
  const { drain, override } = configuration
  if (isDrained(drain, `pool/${pool}`, wallMs)) return 0
  return endpointsOfPool(configuration, pool).filter(({ name, enabled, site }) => {
    const key = endpointKey(pool, name)
    const forced = override.get(key)
    const isForcedDown = forced?.state === 'forced-down' && !isExpired(forced, wallMs)
    if (!enabled || isForcedDown) return false
    return !isDrained(drain, `endpoint/${key}`, wallMs) && !isDrained(drain, `site/${site}`, wallMs)
  }).length
}

function isDrained(drains: Configuration['drain'], target: string, wallMs: number): boolean {
  const drain = drains.get(target)
  return drain !== undefined && !isExpired(drain, wallMs)
}
