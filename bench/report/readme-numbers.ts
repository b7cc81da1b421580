/** The table of README: what is said of each bench, from its last result. What must stay true: no row without a result. Pure. */
import { markdownTable } from './markdown-table.ts'
import type { BenchResult } from './results.ts'

type Metrics = Readonly<Record<string, number>>

const ms = (value: number) => `${figure(value)} ms`
const mb = (value: number) => `${figure(value)} MB`
const seconds = (value: number) => `${figure(value / 1_000)} s`

/** In the order of the table: what it is, whose it is, and its metrics with their units. */
const ROWS: readonly (readonly [string, string, Readonly<Record<string, (value: number) => string>>])[] = [
  [
    'a register changes, the UDP answer has changed: median; 99th percentile',
    'propagation',
    { p50Ms: ms, p99Ms: ms },
  ],
  ['100,000 endpoints at five sites: all verdicts made anew', 'verdict', { fullRecomputeMs: ms }],
  ['the same: one change', 'verdict', { oneChangeUs: (value) => `${figure(value)} µs` }],
  [
    "the same: a nameserver agent's memory; the most, while it takes all of it over",
    'verdict',
    { rssMb: mb, takeOverRssMb: mb },
  ],
  ['one checker, 1,000 readers: an event is at 99 % of them within', 'fanout', { p99Ms: ms }],
  ['10,000 load balancers over 100,000 endpoints: a plan of everything', 'plan', { fullPlanMs: ms }],
  [
    'the same: a site goes down, 10,000 names answered anew and read back, at 5,000 queries/s',
    'plan',
    { siteLossMs: seconds },
  ],
  [
    'an HTTP probe on a new connection, CPU beside blackbox_exporter, beside HAProxy',
    'probes',
    { httpNewRatioToBlackbox: figure, httpNewRatioToHaproxy: figure },
  ],
  ['a plain answer, CPU of the DNS server beside a static zone', 'serving', { plainRatioToStatic: figure }],
  [
    'weighted, sticky, geo answers, CPU beside gdnsd',
    'serving',
    { weightedRatioToGdnsd: figure, stickyRatioToGdnsd: figure, geoRatioToGdnsd: figure },
  ],
  ['through dnsdist: weighted, CPU beside gdnsd', 'front', { weightedRatioToGdnsd: figure }],
  [
    'through dnsdist: a change is answered: median; 99th percentile',
    'front',
    { changeP50Ms: ms, changeP99Ms: ms },
  ],
  ['change sets a second, durable: into the store alone, SQLite', 'store', { changeSetsPerSec: figure }],
  [
    'the same through the API: one control on SQLite; two on PostgreSQL',
    'control',
    { sqliteChangeSetsPerSec: figure, postgresChangeSetsPerSec: figure },
  ],
  [
    'two controls on PostgreSQL: a change through one is answered by a nameserver of the other, 99 % within: polled, notified',
    'control',
    { commitToAnswerP99Ms: ms, commitToAnswerNotifiedP99Ms: ms },
  ],
  [
    '1,000 load balancers: bytes that one change costs a node, beside the whole configuration',
    'control',
    { changeBytesPerNode: figure, snapshotBytes: figure },
  ],
  ['from `fairlead up` to the first answer', 'startup', { firstAnswerMs: seconds }],
]

/** Each bench of the table, with its metrics there. */
export const README_METRICS: readonly (readonly [string, readonly string[]])[] = ROWS.map(
  ([, bench, metrics]) => [bench, Object.keys(metrics)],
)

export function readmeNumbers(benches: readonly BenchResult[]): string {
  const named = new Map(benches.map((result) => [result.bench, result]))
  const rows = ROWS.map(([what, bench, metrics]) => {
    const result = named.get(bench)
    if (result === undefined)
      throw new Error(`docs/results has no ${bench}.json: run 'npm run bench -- ${bench} --save'`)
    return [what, textOf(metrics, result), `\`${bench}\``]
  })
  return markdownTable([['what', 'measured', 'bench'], ...rows])
}

function textOf(
  metrics: Readonly<Record<string, (value: number) => string>>,
  { bench, metrics: measured }: { readonly bench: string; readonly metrics: Metrics },
): string {
  return Object.entries(metrics)
    .map(([metric, say]) => {
      const value = measured[metric]
      if (value === undefined) throw new Error(`docs/results/${bench}.json has no metric ${metric}`)
      return say(value)
    })
    .join('; ')
}

/** Two digits that count, and whole numbers from a hundred. */
export function figure(value: number): string {
  const digits = value >= 100 ? 3 : 2
  return Number(value.toPrecision(digits)).toLocaleString('en', { maximumFractionDigits: 6 })
}
