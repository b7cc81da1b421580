/** What docs/results.md says of the failover bench, and its plots: all counted anew from the single deaths. */
import { z } from 'zod'
import { SYSTEM_NAMES, SYSTEMS, type Death, type SystemName } from '../failover-sample.ts'
import { quantile } from '../quantile.ts'
import { cumulativePlot } from './cumulative-plot.ts'
import { markdownTable } from './markdown-table.ts'
import type { BenchResult } from './results.ts'
import type { Section } from './section.ts'

const failover = z.object({ firstMs: z.number(), lastMs: z.number() })
const detailsSchema = z.object({
  intervalSec: z.number(),
  timeoutSec: z.number(),
  killsOfEachKind: z.number(),
  seed: z.number(),
  deaths: z.array(
    z.object({ kind: z.enum(['killed', 'blackHoled']), failovers: z.record(z.enum(SYSTEM_NAMES), failover) }),
  ),
})

const COLORS: Readonly<Record<SystemName, string>> = {
  threeSitesConfirmed: '#0b6bcb',
  threeSitesUnconfirmed: '#0b6bcb',
  oneSiteConfirmed: '#6fb1f0',
  oneSiteUnconfirmed: '#6fb1f0',
  gdnsd: '#d1570a',
  ifurlup: '#d1570a',
  ifportup: '#8a5a9e',
}

const CLASSES = [
  { name: 'confirmed', confirms: true, title: 'Out of the answers after a second failure' },
  { name: 'unconfirmed', confirms: false, title: 'Out of the answers after a first failure' },
] as const

export function failoverSection({ metrics, details }: BenchResult): Section {
  const { intervalSec, timeoutSec, killsOfEachKind, seed, deaths } = detailsSchema.parse(details)
  const ratio = (metric: string) => `${Math.round((metrics[metric] ?? NaN) * 100)} %`
  const plots = CLASSES.map(({ name, confirms, title }) => {
    const systems = SYSTEM_NAMES.filter((system) => SYSTEMS[system].confirms === confirms)
    const series = systems.map((system) => ({
      ...{ label: SYSTEMS[system].label, color: COLORS[system] },
      values: deaths.map(({ failovers }) => failovers[system].lastMs),
    }))
    return {
      file: `failover-${name}.svg`,
      title,
      text: cumulativePlot(`${title} (${deaths.length} deaths)`, series),
    }
  })
  const text = [
    '## From a death to the answers without it',
    `The same endpoint was killed ${killsOfEachKind} times and black-holed ${killsOfEachKind} times (nftables drops every packet to it and from it), at random moments
(seed ${seed}), and all systems watched it at the same time: every ${intervalSec} s, with a time-out of ${timeoutSec} s, on two cores of one machine. Fairlead asks again after 1 s, its fast
interval, once a probe has failed or another checker has hinted; the peers have no such thing. The 99th percentile of so few is the slowest. Times are in
seconds from the death: until the first nameserver answers without it, and until all do and go on doing so. Peers have one server,
Fairlead at three sites has three. PowerDNS 4.7 acts on the first failure and cannot confirm it; what it does stands beside Fairlead
at fall 1, and gdnsd, which confirms, beside fall 2.`,
    ...CLASSES.flatMap(({ name, confirms, title }, index) => [
      `### ${title}`,
      `The median of Fairlead at three sites is ${ratio(`${name}Ratio`)} of its best peer's.`,
      table(
        SYSTEM_NAMES.filter((system) => SYSTEMS[system].confirms === confirms),
        deaths,
      ),
      `![${title}](results/${plots[index]?.file ?? ''})`,
    ]),
  ]
  return {
    text: text.join('\n\n'),
    files: Object.fromEntries(plots.map(({ file, text: svg }) => [file, svg])),
  }
}

function table(systems: readonly SystemName[], deaths: readonly Death[]): string {
  const head = ['', 'first, median', 'all, median', 'killed', 'black-holed', 'all, p99', 'all, max']
  const rows = systems.map((system) => {
    const times = (of: readonly Death[]) => of.map(({ failovers }) => failovers[system].lastMs)
    const ofKind = (kind: Death['kind']) => times(deaths.filter((death) => death.kind === kind))
    const first = deaths.map(({ failovers }) => failovers[system].firstMs)
    return [
      SYSTEMS[system].label,
      ...[quantile(first, 0.5), quantile(times(deaths), 0.5)].map(seconds),
      ...[quantile(ofKind('killed'), 0.5), quantile(ofKind('blackHoled'), 0.5)].map(seconds),
      ...[quantile(times(deaths), 0.99), quantile(times(deaths), 1)].map(seconds),
    ]
  })
  return markdownTable([head, ...rows])
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2)
}
