/** docs/results.md, the plots beside it, and what README says of them, from the results alone: the same give the same bytes. Pure. */
import { about, benchSection } from './bench-section.ts'
import { failoverSection } from './failover-section.ts'
import { faultsSection } from './faults-section.ts'
import type { BenchResult, Results } from './results.ts'
import type { Section } from './section.ts'

const HEAD = `# Results

<!-- Written by \`npm run report\` from docs/results/*.json: change those, by running what they come from. -->

What was measured last, and by which command. Each command gives the numbers of your own machine.`

const README_BLOCK = /(<!-- failover:begin[^\n]*-->\n).*?(<!-- failover:end -->)/s

/** Paths from the root of the repository. `readme` is README.md as it stands. */
export function reportFiles({ benches, faults }: Results, readme: string): Readonly<Record<string, string>> {
  const sections = [
    ...benches.filter(({ bench }) => bench === 'failover').map(withAbout),
    ...(faults === null ? [] : [faultsSection(faults)]),
    ...benches.filter(({ bench }) => bench !== 'failover').map(benchSection),
  ]
  const files = sections.flatMap((section) => Object.entries(section.files))
  const failover = benches.find(({ bench }) => bench === 'failover')
  return {
    ...(failover !== undefined && { 'README.md': readmeWith(failover, readme) }),
    'docs/results.md': `${[HEAD, ...sections.map(({ text }) => text)].join('\n\n')}\n`,
    ...Object.fromEntries(files.map(([name, text]) => [`docs/results/${name}`, text])),
  }
}

function withAbout(result: BenchResult): Section {
  const { text, files } = failoverSection(result)
  return { text: [text, ...about(result)].join('\n\n'), files }
}

function readmeWith({ metrics }: BenchResult, readme: string): string {
  if (!README_BLOCK.test(readme))
    throw new Error('README.md has no place for the figures of the failover bench')
  const seconds = (metric: string) => `${((metrics[metric] ?? NaN) / 1_000).toFixed(1)} s`
  const lines = [
    '[Beside its peers](docs/results.md), from the death of an endpoint to the answers without it, all with the same interval and time-out:',
    '',
    `- a second failure confirms it: ${seconds('confirmedMedianMs')} in the median at three sites, gdnsd ${seconds('confirmedPeerMedianMs')};`,
    `- the first failure is enough: ${seconds('unconfirmedMedianMs')}, PowerDNS's own checks ${seconds('unconfirmedPeerMedianMs')};`,
    `- 99 % within ${seconds('p99Ms')}, confirmed; the best peer, which confirms nothing, ${seconds('peerP99Ms')}.`,
    '',
  ]
  return readme.replace(
    README_BLOCK,
    (_, begin: string, end: string) => `${begin}\n${lines.join('\n')}\n${end}`,
  )
}
