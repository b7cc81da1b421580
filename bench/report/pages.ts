/** Pages that are written by hand, but for their figures: those stand between marks, and come from the results. Pure. */
import { markdownTable } from './markdown-table.ts'
import { readmeNumbers } from './readme-numbers.ts'
import type { BenchResult, Pauses, Results } from './results.ts'
import { sizingTable } from './sizing-table.ts'

/** By their paths from the root of the repository. */
export const PAGES = ['README.md', 'docs/guides/cluster/patroni.md', 'docs/guides/sizing.md'] as const
export type Pages = Readonly<Record<(typeof PAGES)[number], string>>

/** As the pages are to be. Throws where a block has no results: a figure without them would stand there for ever. */
export function pagesWith({ benches, pauses }: Results, pages: Pages): Pages {
  const failover = benches.find(({ bench }) => bench === 'failover')
  if (failover === undefined)
    throw new Error("docs/results has no failover.json: run 'npm run bench -- failover --save'")
  if (pauses === null)
    throw new Error(
      "docs/results has no patroni.json: run 'FAIRLEAD_KEEP_RESULTS=1 npm run test:e2e -- test/e2e/cluster-patroni.test.ts'",
    )
  const readme = withBlock(pages['README.md'], 'failover', strongest(failover))
  return {
    'README.md': withBlock(readme, 'numbers', readmeNumbers(benches)),
    'docs/guides/cluster/patroni.md': withBlock(
      pages['docs/guides/cluster/patroni.md'],
      'pauses',
      pausesTable(pauses),
    ),
    'docs/guides/sizing.md': withBlock(pages['docs/guides/sizing.md'], 'sizing', sizingTable(benches)),
  }
}

function withBlock(page: string, name: string, text: string): string {
  const block = new RegExp(`(<!-- ${name}:begin[^\\n]*-->\\n).*?(<!-- ${name}:end -->)`, 's')
  if (!block.test(page)) throw new Error(`a page has no place for its figures: '<!-- ${name}:begin -->'`)
  return page.replace(block, (_, begin: string, end: string) => `${begin}\n${text}\n\n${end}`)
}

function strongest({ metrics }: BenchResult): string {
  const seconds = (metric: string) => `${((metrics[metric] ?? NaN) / 1_000).toFixed(1)} s`
  return [
    '[Beside its peers](docs/results.md), from the death of an endpoint to the answers without it, all with the same interval and time-out (Fairlead asks again after a second when a probe has failed):',
    '',
    `- a second failure confirms it: ${seconds('confirmedMedianMs')} in the median at three sites, gdnsd ${seconds('confirmedPeerMedianMs')};`,
    `- the first failure is enough: ${seconds('unconfirmedMedianMs')}, PowerDNS's own checks ${seconds('unconfirmedPeerMedianMs')};`,
    `- the 99th percentile: ${seconds('p99Ms')}, confirmed; of the best peer, which confirms nothing, ${seconds('peerP99Ms')}.`,
  ].join('\n')
}

function pausesTable({ machine, pauses }: Pauses): string {
  const rows = pauses.map(({ what, pausesMs }) => [
    what,
    pausesMs.map((pauseMs) => `${(pauseMs / 1_000).toFixed(1)} s`).join(', '),
  ])
  const table = markdownTable([['what happens', 'no change was taken for, at each control'], ...rows])
  return `${table}\n\nOn ${machine.at.slice(0, 10)}, on ${machine.cores} cores of ${machine.cpu}.`
}
