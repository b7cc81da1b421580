/** dnsdist's statistics by its web server (/jsonstat): names and numbers, as its manual's "Statistics" lists them. */
import { z } from 'zod'
import type { TrafficReport } from '../../ports/report.ts'

const statsSchema = z.record(z.string(), z.unknown())

/** `text` is what /jsonstat?command=stats gives. Throws on anything else. */
export function frontTraffic(text: string, atMs: number): Omit<TrafficReport, 'answers'> {
  const stats = statsSchema.parse(JSON.parse(text))
  const of = (name: string) => {
    const value = Number(stats[name] ?? 0)
    return Number.isFinite(value) ? value : 0
  }
  return {
    ...{ atMs, queries: of('queries'), latencyUs: of('latency-avg1000') },
    responses: {
      noerror: of('frontend-noerror'),
      nxdomain: of('frontend-nxdomain'),
      servfail: of('frontend-servfail'),
    },
    ...{ cacheHits: of('cache-hits'), cacheMisses: of('cache-misses') },
  }
}
