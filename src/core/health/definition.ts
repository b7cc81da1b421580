/**
 * The definition of a check: a digest over everything that decides what a probe of an endpoint does. Votes count only under
 * the definition that the reader holds too (invariant 13), so that a changed monitor never inherits old votes.
 */
import type { Configuration } from '../model/configuration.ts'
import type { Monitor } from '../model/monitor.ts'
import type { Endpoint } from '../model/pool.ts'
import { poolOf, type EndpointKey } from '../model/resource.ts'

export interface DefinitionParts {
  /** The digest of both other parts: what votes carry. */
  readonly definition: string
  /** Where is probed, as text. */
  readonly target: string
  /** The digest of what the monitors ask there. */
  readonly checks: string
}

/**
 * Specs are immutable and shared from one configuration to the next, so that a new one costs what it changed: digesting
 * 50,000 endpoints anew for each revision held up every reader for 0.3 s.
 */
const known = new WeakMap<
  Endpoint,
  { readonly monitors: readonly Monitor[]; readonly parts: DefinitionParts }
>()

export function definitionOf(endpoint: Endpoint, monitors: readonly Monitor[]): string {
  return definitionParts(endpoint, monitors).definition
}

/** FNV-1a over canonical JSON, two 32-bit lanes as 16 hex digits: no secret, only has to differ where definitions differ. */
export function definitionParts(endpoint: Endpoint, monitors: readonly Monitor[]): DefinitionParts {
  const before = known.get(endpoint)
  if (before !== undefined && sameMembers(before.monitors, monitors)) return before.parts
  const target = {
    address: endpoint.check?.address ?? endpoint.address,
    port: endpoint.check?.port ?? endpoint.port,
  }
  const { text, checks } = checksOf(monitors)
  const parts = {
    definition: digest(`[${JSON.stringify(target)},${text}]`),
    target: [target.address, target.port].join(' '),
    checks,
  }
  known.set(endpoint, { monitors, parts })
  return parts
}

interface Checks {
  readonly text: string
  readonly checks: string
}

/** The latest: endpoints with the same monitors come one after the other. */
let latest: (Checks & { readonly monitors: readonly Monitor[] }) | null = null

function checksOf(monitors: readonly Monitor[]): Checks {
  if (latest !== null && sameMembers(latest.monitors, monitors)) return latest
  const text = JSON.stringify(monitors.map(probing))
  latest = { monitors, text, checks: digest(text) }
  return latest
}

function sameMembers(a: readonly Monitor[], b: readonly Monitor[]): boolean {
  return a.length === b.length && a.every((monitor, index) => monitor === b[index])
}

/** Only says how results are counted: votes stay valid when that changes. */
const COUNTING: ReadonlySet<string> = new Set(['quorum', 'vantage', 'voters'])

function probing(monitor: Monitor): unknown {
  return sorted(Object.fromEntries(Object.entries(monitor).filter(([field]) => !COUNTING.has(field))))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)])
}

function digest(text: string): string {
  let high = 0x811c9dc5
  let low = 0x01000193
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ (code + index), 0x85ebca6b)
    low ^= low >>> 13
  }
  // Joined, not added: 100,000 of these are kept, and a sum keeps its parts too.
  return [high, low].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}

/** The definitions of every monitored endpoint of a configuration. */
export function definitionsOf(configuration: Configuration): ReadonlyMap<EndpointKey, string> {
  const definitions = new Map<EndpointKey, string>()
  for (const { key, parts } of definedEndpoints(configuration)) definitions.set(key, parts.definition)
  return definitions
}

/** Every monitored endpoint of a configuration. */
export function* definedEndpoints(
  configuration: Configuration,
): Generator<{ readonly key: EndpointKey; readonly parts: DefinitionParts }> {
  const monitorsOfPool = new Map<string, readonly Monitor[]>()
  for (const pool of configuration.pool.values())
    monitorsOfPool.set(
      pool.name,
      pool.monitors.flatMap((name) => configuration.monitor.get(name) ?? []),
    )
  for (const [key, endpoint] of configuration.endpoint) {
    const monitors = monitorsOfPool.get(poolOf(key)) ?? []
    if (monitors.length > 0) yield { key, parts: definitionParts(endpoint, monitors) }
  }
}
