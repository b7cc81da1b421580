/**
 * Rates of what nameservers count: from their totals now and some seconds ago.
 * What must stay true: a server that was restarted, and counts anew, gives no negative rate; a nameserver that fell silent gives
 * none at all.
 */
import type { Traffic } from '../core/views/traffic.ts'
import { nameserverKey } from './nameserver-key.ts'
import { REPORT_AGE } from './report-age.ts'
import type { BalancerTraffic, NameserverReport, TrafficReport } from '../ports/report.ts'

export const TRAFFIC_WINDOW_MS = 15_000

interface Heard {
  readonly heardAtMs: number
  readonly report: TrafficReport
}

interface Known {
  readonly site: string
  readonly name: string
  readonly heard: Heard[]
}

export class TrafficBook {
  /** By site and name. */
  readonly #known = new Map<string, Known>()

  heard(report: Pick<NameserverReport, 'name' | 'site' | 'traffic'>, nowMs: number): void {
    const { name, site, traffic } = report
    if (traffic === undefined) return
    const key = nameserverKey(report)
    const heard = this.#known.get(key)?.heard ?? []
    if (heard.at(-1)?.report.atMs === traffic.atMs) return
    // One from before the window stays: it is where the window begins.
    while (heard.length > 1 && nowMs - (heard[1]?.heardAtMs ?? nowMs) >= TRAFFIC_WINDOW_MS) heard.shift()
    heard.push({ heardAtMs: nowMs, report: traffic })
    this.#known.set(key, { site, name, heard })
  }

  /** By site and name. */
  forget(nameserver: string): void {
    this.#known.delete(nameserver)
  }

  view(nowMs: number): Traffic {
    const nameservers: Traffic['nameservers'] = []
    const balancers = new Map<string, Traffic['loadBalancers'][number]>()
    for (const { site, name, heard } of this.#known.values()) {
      const pair = pairOf(heard, nowMs)
      if (pair === null) continue
      nameservers.push({ nameserver: name, site, ...ratesOf(pair) })
      for (const one of balancerRates(pair)) {
        const key = `${one.name} ${one.type}`
        const known = balancers.get(key)
        balancers.set(key, known === undefined ? one : added(known, one))
      }
    }
    return {
      windowSec: TRAFFIC_WINDOW_MS / 1_000,
      nameservers,
      loadBalancers: [...balancers.values()]
        .map(withShares)
        .sort((a, b) => b.queriesPerSec - a.queriesPerSec || (a.name < b.name ? -1 : 1)),
    }
  }
}

interface Pair {
  readonly first: TrafficReport | null
  readonly last: TrafficReport
  readonly seconds: number
}

/** null: nothing was heard lately, or too little. */
function pairOf(heard: readonly Heard[], nowMs: number): Pair | null {
  const { heardAtMs = Number.NEGATIVE_INFINITY } = heard.at(-1) ?? {}
  const [first, last] = [heard[0]?.report, heard.at(-1)?.report]
  if (nowMs - heardAtMs > REPORT_AGE.liveMs) return null
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null
  // A server that began anew counts from nothing.
  return {
    last,
    first: last.queries < first.queries ? null : first,
    seconds: (last.atMs - first.atMs) / 1_000,
  }
}

function ratesOf({
  first,
  last,
  seconds,
}: Pair): Omit<Traffic['nameservers'][number], 'nameserver' | 'site'> {
  const rate = (now: number, before = 0) => Math.max(0, now - before) / seconds
  const hits = Math.max(0, last.cacheHits - (first?.cacheHits ?? 0))
  const looked = hits + Math.max(0, last.cacheMisses - (first?.cacheMisses ?? 0))
  return {
    queriesPerSec: rate(last.queries, first?.queries),
    latencyMs: last.latencyUs / 1_000,
    responsesPerSec: Object.fromEntries(
      Object.entries(last.responses).map(([code, count]) => [code, rate(count, first?.responses[code])]),
    ),
    cacheHitShare: looked === 0 ? null : hits / looked,
    countsAnswers: last.answers !== undefined,
  }
}

function balancerRates({ first, last, seconds }: Pair): Traffic['loadBalancers'] {
  const key = ({ name, type }: BalancerTraffic) => `${name} ${type}`
  const before = new Map((first?.answers ?? []).map((one) => [key(one), one]))
  return (last.answers ?? []).map((one) => {
    const earlier = before.get(key(one))
    const counts = new Map((earlier?.values ?? []).map(({ value, answers }) => [value, answers]))
    return {
      ...{ name: one.name, type: one.type },
      queriesPerSec: Math.max(0, one.queries - (earlier?.queries ?? 0)) / seconds,
      answers: (one.values ?? []).map(({ value, answers }) => ({
        ...{ value, share: 0 },
        answersPerSec: Math.max(0, answers - (counts.get(value) ?? 0)) / seconds,
      })),
    }
  })
}

function added(
  a: Traffic['loadBalancers'][number],
  b: Traffic['loadBalancers'][number],
): Traffic['loadBalancers'][number] {
  const rates = new Map(a.answers.map(({ value, answersPerSec }) => [value, answersPerSec]))
  for (const { value, answersPerSec } of b.answers) rates.set(value, (rates.get(value) ?? 0) + answersPerSec)
  return {
    ...a,
    queriesPerSec: a.queriesPerSec + b.queriesPerSec,
    answers: Array.from(rates, ([value, answersPerSec]) => ({ value, share: 0, answersPerSec })),
  }
}

function withShares(one: Traffic['loadBalancers'][number]): Traffic['loadBalancers'][number] {
  const total = one.answers.reduce((sum, { answersPerSec }) => sum + answersPerSec, 0)
  return {
    ...one,
    answers: one.answers.map((answer) => ({
      ...answer,
      share: total === 0 ? 0 : answer.answersPerSec / total,
    })),
  }
}
