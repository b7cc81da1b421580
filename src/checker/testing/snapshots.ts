/** Configurations for tests of the checker: pool `p`, endpoints named by the last part of their address. */
import type { z } from 'zod'
import { configurationOf } from '../../core/model/configuration.ts'
import { monitorSchema } from '../../core/model/monitor.ts'
import { endpointSchema } from '../../core/model/pool.ts'
import { endpointKey, type Resource } from '../../core/model/resource.ts'
import type { ConfigurationSnapshot } from '../../ports/feed.ts'

export interface SnapshotParts {
  readonly monitors: readonly z.input<typeof monitorSchema>[]
  readonly endpoints: readonly Partial<z.input<typeof endpointSchema>>[]
}

export function snapshotOf(revision: number, { monitors, endpoints }: SnapshotParts): ConfigurationSnapshot {
  const resources: Resource[] = monitors.map((input) => {
    const spec = monitorSchema.parse(input)
    return { kind: 'monitor', key: spec.name, spec }
  })
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
