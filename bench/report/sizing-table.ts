/** What a process of each kind needed in its bench: the table of docs/guides/sizing.md. Pure. */
import { markdownTable } from './markdown-table.ts'
import { figure } from './readme-numbers.ts'
import type { BenchResult } from './results.ts'

/** Throws where a result is not there. */
export function sizingTable(benches: readonly BenchResult[]): string {
  const of = (bench: string) => {
    const metrics = benches.find((result) => result.bench === bench)?.metrics
    return (metric: string) => {
      const value = metrics?.[metric]
      if (value === undefined) throw new Error(`docs/results/${bench}.json has no metric ${metric}`)
      return figure(value)
    }
  }
  const [verdict, probes, control] = [of('verdict'), of('probes'), of('control')]
  return markdownTable([
    ['process', 'with', 'memory', 'CPU', 'bench'],
    [
      'nameserver agent',
      '100,000 endpoints, 15 checkers at five sites, some endpoints failing',
      `${verdict('rssMb')} MB; ${verdict('takeOverRssMb')} MB while it takes all of it over`,
      `${verdict('cpuPct')} % of a core`,
      '`verdict`',
    ],
    [
      'checker',
      '30,000 HTTP checks every 10 s, which are 3,000 probes a second',
      `${probes('rssMb')} MB`,
      `${probes('cpuPct')} % of a core`,
      '`probes`',
    ],
    [
      'control, one of two',
      '1,000 nodes on the feed, 1,000 load balancers',
      `${control('control1RssMb')} and ${control('control2RssMb')} MB`,
      `${control('control1CalmCorePct')} % of a core; ${control('control1ChangeCpuMs')} ms for a change`,
      '`control`',
    ],
  ])
}
