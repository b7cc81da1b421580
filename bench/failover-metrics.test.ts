import { describe, expect, it } from 'vitest'
import { failoverMetrics } from './failover-metrics.ts'
import { SYSTEM_NAMES, type Death, type Failover, type SystemName } from './failover-sample.ts'

function death(kind: Death['kind'], times: Partial<Record<SystemName, number>>): Death {
  const failover = (system: SystemName): Failover => {
    const lastMs = times[system] ?? 3_000
    return { firstMs: lastMs - 10, lastMs }
  }
  const failovers = Object.fromEntries(SYSTEM_NAMES.map((system) => [system, failover(system)]))
  return { kind, failovers: failovers as Death['failovers'] }
}

const FASTER = { threeSitesConfirmed: 2_000, gdnsd: 8_000, threeSitesUnconfirmed: 1_000 }

describe('failover metrics', () => {
  it('compare each class with its own peers, and tell the worse of the two', () => {
    const metrics = failoverMetrics([death('killed', FASTER), death('blackHoled', FASTER)])
    expect(metrics).toMatchObject({ confirmedMedianMs: 2_000, confirmedPeerMedianMs: 8_000 })
    expect(metrics).toMatchObject({ unconfirmedMedianMs: 1_000, unconfirmedPeerMedianMs: 3_000 })
    expect(metrics).toMatchObject({ confirmedRatio: 0.25, unconfirmedRatio: 0.333, ratioToBestPeer: 0.333 })
  })

  it('take the peer that is best', () => {
    const metrics = failoverMetrics([death('killed', { ...FASTER, ifportup: 1_250 })])
    expect(metrics).toMatchObject({ unconfirmedPeerMedianMs: 1_250, ratioToBestPeer: 0.8, peerP99Ms: 1_250 })
  })

  it('keep both kinds of death apart beside what both give together', () => {
    const metrics = failoverMetrics([
      death('killed', { gdnsd: 7_000 }),
      death('blackHoled', { gdnsd: 9_000 }),
    ])
    expect(metrics).toMatchObject({ gdnsdKilledMedianMs: 7_000, gdnsdBlackHoledMedianMs: 9_000 })
    expect(metrics).toMatchObject({ gdnsdMaxMs: 9_000, gdnsdFirstMedianMs: 6_990 })
  })
})
