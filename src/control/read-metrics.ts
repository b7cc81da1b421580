/** The metrics as Prometheus reads them: gauges over what there is are set now, at the cost of the reader. */
import { drainPhase, isExpired } from '../core/steering/operations-in-force.ts'
import type { ApiParts } from './api-parts.ts'
import { checkerStatuses, countEndpoints, statusOf } from './status.ts'

export async function readMetrics({
  metrics,
  observer,
  streams,
}: Pick<ApiParts, 'metrics' | 'observer' | 'streams'>): Promise<{ text: string; type: string }> {
  for (const [state, count] of Object.entries(countEndpoints(observer)))
    metrics.endpoints.set({ state }, count)
  metrics.loadBalancers.set(observer.snapshot.configuration.loadBalancer.size)
  metrics.byWhenDown.set(observer.balancersByWhenDown().length)
  metrics.alarms.set(statusOf(observer, { version: '', limit: 0 }).alarms.length)
  const { configuration } = observer.snapshot
  const wallMs = observer.clock.wallMs()
  metrics.heldEndpoints.set(observer.steering.state.budget.held)
  for (const state of ['forced-up', 'forced-down'] as const) {
    const inForce = [...configuration.override.values()].filter(
      (one) => one.state === state && !isExpired(one, wallMs),
    )
    metrics.overrides.set({ state }, inForce.length)
  }
  const phases = [...configuration.drain.values()].map((one) => drainPhase(one, wallMs))
  for (const phase of ['planned', 'draining', 'drained', 'expired'] as const)
    metrics.drains.set({ phase }, phases.filter((one) => one === phase).length)
  metrics.latched.set([...configuration.latch.values()].filter((one) => one.tiers.length > 0).length)
  metrics.eventClients.set(streams.size)
  for (const gauge of [
    metrics.checkerAgeSeconds,
    metrics.checkerLoss,
    metrics.checkerLive,
    metrics.nameserverUp,
  ])
    gauge.reset()
  for (const { checker, ageMs, loss, live } of checkerStatuses(observer)) {
    metrics.checkerAgeSeconds.set({ checker }, ageMs / 1_000)
    metrics.checkerLoss.set({ checker }, loss)
    metrics.checkerLive.set({ checker }, live ? 1 : 0)
  }
  for (const [nameserver, { report }] of observer.nameservers)
    metrics.nameserverUp.set({ nameserver }, report.dnsServer.state === 'down' ? 0 : 1)
  return { text: await metrics.registry.metrics(), type: metrics.registry.contentType }
}
