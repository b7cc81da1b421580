/** From the deaths of a failover run to its metrics. Pure. Times are until every nameserver answers right, unless named `First`. */
import { SYSTEM_NAMES, SYSTEMS, type Death, type SystemName } from './failover-sample.ts'
import { quantile } from './quantile.ts'
import { round } from './round.ts'

export function failoverMetrics(deaths: readonly Death[]): Record<string, number> {
  const times = (system: SystemName) => deaths.map(({ failovers }) => failovers[system].lastMs)
  const median = (system: SystemName) => quantile(times(system), 0.5)
  const peers = (confirms: boolean) =>
    SYSTEM_NAMES.filter((name) => !SYSTEMS[name].isOurs && SYSTEMS[name].confirms === confirms)
  const best = (systems: readonly SystemName[], share: number) =>
    Math.min(...systems.map((system) => quantile(times(system), share)))
  const confirmedMedianMs = median('threeSitesConfirmed')
  const confirmedPeerMedianMs = best(peers(true), 0.5)
  const unconfirmedMedianMs = median('threeSitesUnconfirmed')
  const unconfirmedPeerMedianMs = best(peers(false), 0.5)
  const confirmedRatio = round(confirmedMedianMs / confirmedPeerMedianMs, 3)
  const unconfirmedRatio = round(unconfirmedMedianMs / unconfirmedPeerMedianMs, 3)
  const p99Ms = quantile(times('threeSitesConfirmed'), 0.99)
  const peerP99Ms = best([...peers(true), ...peers(false)], 0.99)
  return {
    ...{ confirmedMedianMs, confirmedPeerMedianMs, unconfirmedMedianMs, unconfirmedPeerMedianMs },
    ...{ p99Ms, peerP99Ms, p99RatioToBestPeer: round(p99Ms / peerP99Ms, 3) },
    ...{ confirmedRatio, unconfirmedRatio, ratioToBestPeer: Math.max(confirmedRatio, unconfirmedRatio) },
    ...Object.fromEntries(SYSTEM_NAMES.flatMap((system) => Object.entries(ofSystem(system, deaths)))),
  }
}

function ofSystem(system: SystemName, deaths: readonly Death[]): Record<string, number> {
  const last = (kind: Death['kind'], share: number) =>
    quantile(
      deaths.filter((death) => death.kind === kind).map(({ failovers }) => failovers[system].lastMs),
      share,
    )
  const first = deaths.map(({ failovers }) => failovers[system].firstMs)
  return {
    [`${system}FirstMedianMs`]: quantile(first, 0.5),
    [`${system}KilledMedianMs`]: last('killed', 0.5),
    [`${system}BlackHoledMedianMs`]: last('blackHoled', 0.5),
    [`${system}MaxMs`]: Math.max(last('killed', 1), last('blackHoled', 1)),
  }
}
