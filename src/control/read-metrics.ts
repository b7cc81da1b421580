/** The metrics as Prometheus reads them: gauges over what there is are set now, at the cost of the reader. */
import { formatPeerIdentity } from '../core/model/peer-identity.ts'
import { drainPhase, isExpired } from '../core/steering/operations-in-force.ts'
import type { ApiParts } from './api-parts.ts'
import { nameserverViews } from './health-views.ts'
import { checkerStatuses, countEndpoints, statusOf } from './status.ts'

export async function readMetrics({
  metrics,
  observer,
  streams,
}: Pick<ApiParts, 'metrics' | 'observer'> & {
  readonly streams: { readonly size: number }
}): Promise<{ text: string; type: string }> {
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
    metrics.nameserverAgeSeconds,
    metrics.nameserverBehind,
    metrics.certificateEnds,
  ])
    gauge.reset()
  for (const { identity, endsMs } of observer.certificates.all())
    metrics.certificateEnds.set({ identity: formatPeerIdentity(identity) }, endsMs / 1_000)
  for (const { checker, ageMs, loss, live } of checkerStatuses(observer)) {
    metrics.checkerAgeSeconds.set({ checker }, ageMs / 1_000)
    metrics.checkerLoss.set({ checker }, loss)
    metrics.checkerLive.set({ checker }, live ? 1 : 0)
  }
  metrics.disagree.set(observer.agreement.isBroken ? 1 : 0)
  for (const { name: nameserver, site, ageMs, revisionsBehind } of nameserverViews(observer)) {
    metrics.nameserverAgeSeconds.set({ nameserver, site }, ageMs / 1_000)
    metrics.nameserverBehind.set({ nameserver, site }, revisionsBehind)
  }
  trafficMetrics(metrics, observer)
  for (const { report } of observer.nameservers.values())
    metrics.nameserverUp.set(
      { nameserver: report.name, site: report.site },
      report.dnsServer.state === 'down' ? 0 : 1,
    )
  return { text: await metrics.registry.metrics(), type: metrics.registry.contentType }
}

function trafficMetrics(metrics: ApiParts['metrics'], observer: ApiParts['observer']): void {
  const {
    queriesPerSec,
    latencySeconds,
    cacheHitRatio,
    responsesPerSec,
    answerShare,
    balancerQueriesPerSec,
  } = metrics
  for (const gauge of [
    queriesPerSec,
    latencySeconds,
    cacheHitRatio,
    responsesPerSec,
    answerShare,
    balancerQueriesPerSec,
  ])
    gauge.reset()
  const { nameservers, loadBalancers } = observer.traffic.view(observer.clock.monotonicMs())
  for (const one of nameservers) {
    const { nameserver, site = '' } = one
    queriesPerSec.set({ nameserver, site }, one.queriesPerSec)
    latencySeconds.set({ nameserver, site }, one.latencyMs / 1_000)
    if (one.cacheHitShare !== null) cacheHitRatio.set({ nameserver, site }, one.cacheHitShare)
    for (const [code, rate] of Object.entries(one.responsesPerSec))
      responsesPerSec.set({ nameserver, site, code }, rate)
  }
  for (const { name, type, queriesPerSec: rate, answers } of loadBalancers) {
    balancerQueriesPerSec.set({ load_balancer: name, type }, rate)
    for (const { value, share } of answers) answerShare.set({ load_balancer: name, type, value }, share)
  }
}
