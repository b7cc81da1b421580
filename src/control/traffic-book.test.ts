import { describe, expect, it } from 'vitest'
import type { TrafficReport } from '../ports/report.ts'
import { TRAFFIC_WINDOW_MS, TrafficBook } from './traffic-book.ts'

function report(atMs: number, queries: number, values: Readonly<Record<string, number>> = {}): TrafficReport {
  return {
    ...{ atMs, queries, latencyUs: 250, cacheHits: queries / 2, cacheMisses: queries / 2 },
    responses: { noerror: queries, nxdomain: 0 },
    answers: [
      {
        ...{ name: 'www.example.test', type: 'A', queries },
        values: Object.entries(values).map(([value, answers]) => ({ value, answers })),
      },
    ],
  }
}

describe('rates', () => {
  it('are over the window, by nameserver and by load balancer over all of them', () => {
    const book = new TrafficBook()
    for (const [name, factor] of [
      ['ns1', 1],
      ['ns2', 2],
    ] as const)
      for (let second = 0; second <= 40; second += 2) {
        const queries = second * 100 * factor
        const traffic = report(second * 1_000, queries, { a: queries * 0.3, b: queries * 0.7 })
        book.heard({ name, site: 'ams', traffic }, second * 1_000)
      }
    const { nameservers, loadBalancers, windowSec } = book.view(40_000)
    expect(windowSec).toBe(TRAFFIC_WINDOW_MS / 1_000)
    expect(nameservers).toMatchObject([
      { nameserver: 'ns1', queriesPerSec: 100, latencyMs: 0.25, cacheHitShare: 0.5, countsAnswers: true },
      { nameserver: 'ns2', queriesPerSec: 200, responsesPerSec: { noerror: 200, nxdomain: 0 } },
    ])
    expect(loadBalancers).toHaveLength(1)
    expect(loadBalancers[0]?.queriesPerSec).toBeCloseTo(300)
    expect(loadBalancers[0]?.answers.map(({ share }) => Number(share.toFixed(6)))).toEqual([0.3, 0.7])
  })

  it('are never negative after a restart, and none of a nameserver that fell silent', () => {
    const book = new TrafficBook()
    book.heard({ name: 'ns1', site: 'ams', traffic: report(1_000, 5_000, { a: 5_000 }) }, 1_000)
    book.heard({ name: 'ns1', site: 'ams', traffic: report(3_000, 40, { a: 30, b: 10 }) }, 3_000)
    const { nameservers, loadBalancers } = book.view(3_000)
    expect(nameservers[0]?.queriesPerSec).toBe(20)
    expect(loadBalancers[0]?.answers).toMatchObject([
      { value: 'a', share: 0.75 },
      { value: 'b', share: 0.25 },
    ])
    expect(book.view(30_000).nameservers).toEqual([])
    expect(new TrafficBook().view(0).loadBalancers).toEqual([])
  })
})
