/** The metrics as Prometheus reads them: gauges over what there is are set now, at the cost of the reader. */
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
