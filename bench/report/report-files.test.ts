import { describe, expect, it } from 'vitest'
import { failoverMetrics } from '../failover-metrics.ts'
import { SYSTEM_NAMES, type Death } from '../failover-sample.ts'
import { README_METRICS } from './readme-numbers.ts'
import { reportFiles } from './report-files.ts'
import type { BenchResult, FaultMatrix, FaultTimeline, Pauses, Results } from './results.ts'

const MACHINE = { cpu: 'a | cpu', cores: 2, memoryGiB: 24, node: 'v24', platform: 'linux-x64', kernel: '6.1' }

function bench(name: string, more: Partial<BenchResult> = {}): BenchResult {
  const result = {
    bench: name,
    date: '2026-11-30T08:00:00.000Z',
    machine: MACHINE,
    versions: {},
    metrics: {},
  }
  return { ...result, aims: [], details: {}, ...more }
}

function death(kind: Death['kind'], lastMs: number): Death {
  const failovers = Object.fromEntries(SYSTEM_NAMES.map((system) => [system, { firstMs: 500, lastMs }]))
  return { kind, failovers: failovers as Death['failovers'] }
}

function failover(slowestMs: number): BenchResult {
  const deaths = [death('killed', 1_000), death('blackHoled', slowestMs)]
  const details = { intervalSec: 5, timeoutSec: 1, killsOfEachKind: 1, seed: 3, deaths }
  return bench('failover', { metrics: failoverMetrics(deaths), details, versions: { gdnsd: '3.8' } })
}

const README =
  'Before.\n\n<!-- failover:begin: x -->\nold\n<!-- failover:end -->\n\nAfter.\n<!-- numbers:begin: y -->\nold\n<!-- numbers:end -->\n'
const PAGES = {
  'README.md': README,
  'docs/guides/cluster/patroni.md': 'a\n<!-- pauses:begin -->\n<!-- pauses:end -->\nb\n',
  'docs/guides/sizing.md': 'c\n<!-- sizing:begin -->\n<!-- sizing:end -->\nd\n',
}
const PAUSES: Pauses = {
  machine: { cpu: 'some', cores: 2, at: '2026-11-30T10:00:00.000Z' },
  pauses: [{ what: 'killed', pausesMs: [5_910, 6_000] }],
}

/** With a result, all of whose metrics are 1, of each bench that README shows and that is not given. */
function completed(given: readonly BenchResult[]): BenchResult[] {
  const ones = new Map<string, Record<string, number>>()
  for (const [name, metrics] of [...README_METRICS, ['serving', SERVING] as const, ...SIZING])
    ones.set(name, { ...ones.get(name), ...Object.fromEntries(metrics.map((metric) => [metric, 1])) })
  const missing = [...ones].filter(([name]) => given.every((one) => one.bench !== name))
  const all = [...given, ...missing.map(([name, metrics]) => bench(name, { metrics }))]
  return all.some((one) => one.bench === 'failover') ? all : [...all, failover(2_000)]
}
const SIZING = [
  ['verdict', ['cpuPct']],
  ['probes', ['rssMb', 'cpuPct']],
  ['control', ['control1RssMb', 'control2RssMb', 'control1CalmCorePct', 'control1ChangeCpuMs']],
] as const
const SERVING = ['plainUs', 'staticUs', 'weightedUs', 'gdnsdWeightedUs', 'stickyUs', 'gdnsdWeightedSubnetUs']
  .concat(['geoUs', 'gdnsdGeoUs', 'plainRatioToStatic', 'weightedRatioToGdnsd', 'stickyRatioToGdnsd'])
  .concat('geoRatioToGdnsd')

const filesOf = (
  benches: readonly BenchResult[],
  faults: FaultMatrix | null = null,
  others: Partial<Results> = {},
) =>
  reportFiles(
    { benches: completed(benches), faults, faultsQuick: null, soak: null, pauses: PAUSES, ...others },
    PAGES,
  )
const page = (benches: readonly BenchResult[], faults: FaultMatrix | null = null) =>
  filesOf(benches, faults)['docs/results.md'] ?? ''

describe('docs/results.md', () => {
  it('is made of what was measured, and of nothing else', () => {
    expect(page([])).not.toContain('fault matrix')
    expect(Object.keys(filesOf([]))).toEqual([
      'README.md',
      'docs/guides/cluster/patroni.md',
      'docs/guides/sizing.md',
      'docs/results.md',
      'docs/results/failover-confirmed.svg',
      'docs/results/failover-unconfirmed.svg',
      'docs/results/serving.svg',
    ])
  })

  it('leaves no figure in a page that has no result, and says which command makes it', () => {
    const benches = completed([])
    const all: Results = { benches, faults: null, faultsQuick: null, soak: null, pauses: PAUSES }
    for (const { bench: name } of benches)
      expect(() =>
        reportFiles({ ...all, benches: benches.filter((one) => one.bench !== name) }, PAGES),
      ).toThrow(`npm run bench -- ${name} --save`)
    expect(() => reportFiles({ ...all, pauses: null }, PAGES)).toThrow('cluster-patroni.test.ts')
  })

  it('is another one when a figure is another one, and the same when none is', () => {
    const [one, same, other] = [2_000, 2_000, 3_010].map((slowestMs) => filesOf([failover(slowestMs)]))
    expect(same).toEqual(one)
    for (const [path, text] of Object.entries(one ?? {}))
      if (!/patroni|serving|sizing/.test(path)) expect(other?.[path]).not.toBe(text)
  })

  it('shows a missed aim as missed, and which machine and versions it was', () => {
    const aims = [{ metric: 'costUs', op: '<=' as const, bound: 5, holds: false }]
    const text = page([
      bench('fanout', { metrics: { costUs: 6.51, p99Ms: 33.96 }, aims, versions: { gdnsd: '3.8' } }),
    ])
    expect(text).toMatch(/\| costUs +\| 6.51 +\|/)
    expect(text).toMatch(/\| costUs +\| <= 5 +\| \*\*missed\*\* +\|/)
    expect(text).toContain('2026-11-30: 2 cores of a | cpu, 24 GiB, Linux 6.1, Node.js v24, gdnsd 3.8.')
  })

  it('puts the figures into README, between the marks and nowhere else', () => {
    const readme = filesOf([failover(2_000)])['README.md'] ?? ''
    expect(readme).toMatch(/^Before\.\n\n<!-- failover:begin: x -->\n\n\[Beside/)
    expect(readme).toMatch(/the 99th percentile: 2\.0 s.*\n\n<!-- failover:end -->\n\nAfter\.\n/)
    const nowhere = { ...PAGES, 'README.md': 'nothing' }
    const results = { benches: completed([]), faults: null, faultsQuick: null, soak: null, pauses: PAUSES }
    expect(() => reportFiles(results, nowhere)).toThrow('no place')
  })

  it('says in the table of README what each bench measured last, in few digits', () => {
    const benches = [
      bench('startup', { metrics: { firstAnswerMs: 1_691 } }),
      bench('fanout', { metrics: { p99Ms: 33.96 } }),
    ]
    const readme = filesOf(benches)['README.md'] ?? ''
    expect(readme).toMatch(/an event is at 99 % of them within +\| 34 ms +\| `fanout` +\|/)
    expect(readme).toMatch(/first answer +\| 1\.7 s +\| `startup` +\|/)
    expect(readme).not.toContain('old')
    expect(() => filesOf([bench('fanout')])).toThrow('fanout.json has no metric p99Ms')
  })

  it('puts what Patroni cost into its guide', () => {
    expect(filesOf([])['docs/guides/cluster/patroni.md']).toMatch(
      /^a\n<!-- pauses:begin -->\n\n\| what.*\| killed +\| 5\.9 s, 6\.0 s +\|\n\nOn 2026-11-30, on 2 cores of some\.\n\n<!-- pauses:end -->\nb\n$/s,
    )
  })

  it('sums up a soak, and names what it found', () => {
    const versions = { 'pdns-server': '4.7.3' }
    const machine = { cpu: 'some', cores: 2, node: 'v24', versions, at: '2026-11-30T10:00:00.000Z' }
    const fault = (name: string, missed: readonly string[]) => ({
      ...{ name, passed: missed.length === 0, missed: [...missed] },
      measured: { asked: 1_000, failedShare: 0.002, falseWithdrawals: missed.length },
    })
    const faults = [fault('site-lost', []), fault('disk', ['wrong 2, at most 0'])]
    const soak = { machine, seed: 7, minutes: 10, faults, grown: ['ns-ams: 900 MB'] }
    const text = filesOf([], null, { soak })['docs/results.md'] ?? ''
    expect(text).toMatch(
      /--seed 7 .*Node\.js v24, pdns-server 4\.7\.3: 2 faults .* 2,000 queries, of which 4 .* False withdrawals: 1; faults beyond their bound: 1; processes that grew: 1\./,
    )
    expect(text).toContain('- disk: wrong 2, at most 0\n\n- ns-ams: 900 MB')
  })

  it('plots what an answer costs, each bar as long as its number', () => {
    const metrics = Object.fromEntries(SERVING.map((metric, index) => [metric, index + 1]))
    const svg = filesOf([bench('serving', { metrics })])['docs/results/serving.svg'] ?? ''
    const widths = [...svg.matchAll(/<rect x="306.0" y="[\d.]+" width="([\d.]+)"/g)].map(([, width]) =>
      Number(width),
    )
    expect(widths).toHaveLength(8)
    for (const [index, width] of widths.entries())
      expect(width).toBeCloseTo((index + 1) * (widths[0] ?? 0), 0)
  })

  it('shows the fault matrix with what failed', () => {
    const timeline: FaultTimeline = {
      ...{ stepMs: 500, endedMs: 900, deaths: [{ of: 'ams-1', fromMs: 100, toMs: null }] },
      steps: [
        [10, 0, 0, 0, 0],
        [0, 10, 5, 5, 0],
      ],
    }
    const fault = (name: string, passed: boolean, outMaxMs: number | null) => ({
      ...{ timeline, name, passed },
      bound: { outMs: 7_500, recoverMs: passed ? 40_000 : 30_000, timedOutShare: 0.005, silentMs: 6_000 },
      measured: {
        ...{
          outP50Ms: outMaxMs,
          outMaxMs,
          recoverMs: 500,
          asked: 700,
          timedOutShare: 0.01,
          silentMs: 3_520,
          catchUpMs: null,
          falseWithdrawals: 0,
        },
        answers: { stale: 1, wrong: 0, empty: 2, servfail: 3, excused: 42 },
      },
    })
    const machine = { cpu: 'some', cores: 2, node: 'v24', versions: {}, at: '2026-11-30T10:00:00.000Z' }
    const options = { all: false, brief: true, sites: 3, pace: '1s', endpoints: 3, rate: 20, delay: 2 }
    const matrix = { machine, options, faults: [fault('site-lost', true, 3_000), fault('disk', false, null)] }
    const text = page([], matrix)
    const svg = filesOf([], matrix)['docs/results/fault-site-lost.svg'] ?? ''
    // Right, then behind, failed, no reply: of 180 high for the 20 questions of the fullest step.
    expect([...svg.matchAll(/width="342\.0" height="([\d.]+)"/g)].map(([, height]) => height)).toEqual([
      ...['90.0', '90.0', '45.0', '45.0'],
    ])
    expect(text).toContain('![site-lost](results/fault-site-lost.svg)')
    expect(text).not.toContain('fault-disk.svg')
    expect(text).toContain('1 of 2 faults')
    expect(text).toContain('In disk a nameserver gave no answer for 3.5 s at the longest.')
    expect(text).not.toContain('a nameserver caught up')
    expect(text).toContain(
      '`npm run -s lab -- run site-lost disk --brief --sites 3 --pace 1s --endpoints 3 --rate 20 --delay 2 --json`',
    )
    expect(text).toMatch(
      /\| site-lost \| 7\.5 +\| 3\.0 .*\| 0\.5 .*\| 1, 0, 2, 3 .*\| 1\.0 % +\| 42 .*\| passed +\|/,
    )
    expect(text).toContain(
      'Recovered after has a bound of 30.0 s, no reply of 0.5 % of the questions that are not excused. Wider ones: site-lost: recovered after 40.0 s, a server silent for 6.0 s; disk: a server silent for 6.0 s.',
    )
    const bound = { outMs: 3_000, recoverMs: 15_000, timedOutShare: 0 }
    const quick = { ...matrix, faults: matrix.faults.map((one) => ({ ...one, bound })) }
    expect(filesOf([], null, { faultsQuick: quick })['docs/results.md']).toMatch(
      /### At an interval of 1 s\n\n.*1 of 2 faults within their bounds, 1,400 queries, 0 false withdrawals.*3\.0 s, site-lost took longest .*: 3\.0 s\.\n\n- \*\*failed\*\*: disk/,
    )
    expect(text).toMatch(/\| disk +\| 7\.5 +\| - .*\| \*\*failed\*\* +\|/)
  })
})
