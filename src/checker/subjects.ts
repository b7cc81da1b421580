/** From the configuration to what this checker probes: its share of the monitored endpoints. Pure. */
import { assignmentOf, type Peers } from '../core/health/assignment.ts'
import { electorateOf } from '../core/health/electorate.ts'
import type { Configuration } from '../core/model/configuration.ts'
import type { Monitor } from '../core/model/monitor.ts'
import { poolOf } from '../core/model/resource.ts'
import type { Subject } from './endpoint-check.ts'

/** Endpoints that have a monitor, also the disabled ones: they are known the moment they are enabled. */
export function* subjectsOf(
  configuration: Configuration,
  me: { readonly name: string; readonly site: string; readonly peers: Peers },
): Generator<Subject> {
  const monitorsOfPool = new Map<string, readonly Monitor[]>()
  for (const { name, monitors } of configuration.pool.values())
    monitorsOfPool.set(
      name,
      monitors.flatMap((monitor) => configuration.monitor.get(monitor) ?? []),
    )
  const electorates = new Map(
    Array.from(monitorsOfPool, ([pool, monitors]) => [pool, electorateOf(monitors)] as const),
  )
  for (const [key, endpoint] of configuration.endpoint) {
    const pool = poolOf(key)
    const monitors = monitorsOfPool.get(pool) ?? []
    const electorate = electorates.get(pool)
    if (monitors.length === 0 || electorate === undefined) continue
    const assignment = assignmentOf(key, electorate, me)
    if (assignment !== null) yield { key, endpoint, monitors, assignment }
  }
}
