/** Pages that are written by hand, but for their figures: those stand between marks, and come from the results. Pure. */
import { markdownTable } from './markdown-table.ts'
import { readmeNumbers } from './readme-numbers.ts'
import type { BenchResult, Pauses, Results } from './results.ts'

/** By their paths from the root of the repository. */
export const PAGES = ['README.md', 'docs/guides/cluster/patroni.md'] as const
export type Pages = Readonly<Record<(typeof PAGES)[number], string>>

/** As the pages are to be; a block without results stays as it is. */
export function pagesWith({ benches, pauses }: Results, pages: Pages): Pages {
  const failover = benches.find(({ bench }) => bench === 'failover')
  const others = benches.filter(({ bench }) => bench !== 'failover')
  let readme = pages['README.md']
  if (failover !== undefined) readme = withBlock(readme, 'failover', strongest(failover))
  if (others.length > 0) readme = withBlock(readme, 'numbers', readmeNumbers(others))
  const patroni = pages['docs/guides/cluster/patroni.md']
  return {
    'README.md': readme,
    'docs/guides/cluster/patroni.md':
      pauses === null ? patroni : withBlock(patroni, 'pauses', pausesTable(pauses)),
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
    '[Beside its peers](docs/results.md), from the death of an endpoint to the answers without it, all with the same interval and time-out:',
    '',
    `- a second failure confirms it: ${seconds('confirmedMedianMs')} in the median at three sites, gdnsd ${seconds('confirmedPeerMedianMs')};`,
    `- the first failure is enough: ${seconds('unconfirmedMedianMs')}, PowerDNS's own checks ${seconds('unconfirmedPeerMedianMs')};`,
    `- 99 % within ${seconds('p99Ms')}, confirmed; the best peer, which confirms nothing, ${seconds('peerP99Ms')}.`,
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
