/** Configurations for tests of the checker: pool `p`, endpoints named by the last part of their address. */
import type { z } from 'zod'
import { configurationOf } from '../../core/model/configuration.ts'
import { monitorSchema } from '../../core/model/monitor.ts'
import { endpointSchema } from '../../core/model/pool.ts'
import { endpointKey, type Resource } from '../../core/model/resource.ts'
import { siteSchema } from '../../core/model/site.ts'
import type { ConfigurationSnapshot } from '../../ports/feed.ts'

export interface SnapshotParts {
  readonly monitors: readonly z.input<typeof monitorSchema>[]
  readonly endpoints: readonly Partial<z.input<typeof endpointSchema>>[]
  readonly sites?: readonly z.input<typeof siteSchema>[]
}

export function snapshotOf(
  revision: number,
  { monitors, endpoints, sites = [] }: SnapshotParts,
): ConfigurationSnapshot {
  const resources: Resource[] = monitors.map((input) => {
    const spec = monitorSchema.parse(input)
    return { kind: 'monitor', key: spec.name, spec }
  })
  for (const input of sites) {
    const spec = siteSchema.parse(input)
    resources.push({ kind: 'site', key: spec.name, spec })
  }
  resources.push({ kind: 'pool', key: 'p', spec: { name: 'p', monitors: monitors.map(({ name }) => name) } })
  for (const input of endpoints) {
    const address = input.address ?? '192.0.2.1'
    const name = `e${address.split(/[.:]/).at(-1) ?? ''}`
    const spec = endpointSchema.parse({ name, address, port: 80, site: 's', ...input })
    resources.push({ kind: 'endpoint', key: endpointKey('p', spec.name), spec })
  }
  return { revision, configuration: configurationOf(resources) }
}

/** A monitor at the default times. */
export const HTTP = { kind: 'http', name: 'web', intervalMs: 5_000, fastIntervalMs: 1_000 } as const

export const ONE_ENDPOINT: SnapshotParts = { monitors: [HTTP], endpoints: [{ address: '192.0.2.1' }] }

/** Named e0, e1 and so on. */
export function manyEndpoints(count: number): { readonly address: string; readonly name: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    address: `10.0.${index >> 8}.${index & 255}`,
    name: `e${index}`,
  }))
}

/** Sites s1, s2 and so on with so many checkers each. The checker under test is 'c', the first one of s1. */
export function sitesOf(...checkers: readonly number[]): NonNullable<SnapshotParts['sites']> {
  return checkers.map((count, site) => ({
    name: `s${site + 1}`,
    checkers: Array.from({ length: count }, (_, index) => ({
      name: site === 0 && index === 0 ? 'c' : `c${site + 1}-${index + 1}`,
      address: `198.51.${100 + site}.${index + 1}`,
      port: 7_000,
    })),
  }))
}
