/**
 * Rates of what nameservers count: from their totals now and some seconds ago.
 * What must stay true: a server that was restarted, and counts anew, gives no negative rate; a nameserver that fell silent gives
 * none at all.
 */
import type { Traffic } from '../core/views/traffic.ts'
import type { BalancerTraffic, NameserverReport, TrafficReport } from '../ports/report.ts'

export const TRAFFIC_WINDOW_MS = 15_000
const SILENT_MS = 10_000

interface Heard {
  readonly heardAtMs: number
  readonly report: TrafficReport
}

export class TrafficBook {
  readonly #heard = new Map<string, Heard[]>()

  heard({ name, traffic }: Pick<NameserverReport, 'name' | 'traffic'>, nowMs: number): void {
    if (traffic === undefined) return
    const known = this.#heard.get(name) ?? []
    if (known.at(-1)?.report.atMs === traffic.atMs) return
    // One from before the window stays: it is where the window begins.
    while (known.length > 1 && nowMs - (known[1]?.heardAtMs ?? nowMs) >= TRAFFIC_WINDOW_MS) known.shift()
    known.push({ heardAtMs: nowMs, report: traffic })
    this.#heard.set(name, known)
  }

  /** Totals of the nameservers that are heard. */
  *totals(nowMs: number): Generator<readonly [string, TrafficReport]> {
    for (const [name, heard] of this.#heard) {
      const last = heard.at(-1)
      if (last !== undefined && nowMs - last.heardAtMs <= SILENT_MS) yield [name, last.report]
    }
  }

  view(nowMs: number): Traffic {
    const nameservers: Traffic['nameservers'] = []
    const balancers = new Map<string, Traffic['loadBalancers'][number]>()
    for (const [nameserver] of this.totals(nowMs)) {
      const pair = this.#pair(nameserver)
      if (pair === null) continue
      nameservers.push({ nameserver, ...ratesOf(pair) })
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

  #pair(nameserver: string): Pair | null {
    const heard = this.#heard.get(nameserver) ?? []
    const [first, last] = [heard[0]?.report, heard.at(-1)?.report]
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return null
    // A server that began anew counts from nothing.
    return {
      last,
      first: last.queries < first.queries ? null : first,
      seconds: (last.atMs - first.atMs) / 1_000,
    }
  }
}

interface Pair {
  readonly first: TrafficReport | null
  readonly last: TrafficReport
  readonly seconds: number
}

function ratesOf({ first, last, seconds }: Pair): Omit<Traffic['nameservers'][number], 'nameserver'> {
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
