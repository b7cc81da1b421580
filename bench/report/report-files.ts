/** docs/results.md, the plots beside it, and the figures of other pages, from the results alone: the same give the same bytes. Pure. */
import { about, benchSection } from './bench-section.ts'
import { failoverSection } from './failover-section.ts'
import { faultsSection, quickSection, soakSection } from './faults-section.ts'
import { pagesWith, type Pages } from './pages.ts'
import type { BenchResult, Results } from './results.ts'
import type { Section } from './section.ts'
import { servingSection } from './serving-section.ts'

const HEAD = `# Results

<!-- Written by \`npm run report\` from docs/results/*.json: change those, by running what they come from. -->

What was measured last, and by which command. Each command gives the numbers of your own machine.`

/** Paths from the root of the repository. `pages` are those of PAGES as they stand. */
export function reportFiles(results: Results, pages: Pages): Readonly<Record<string, string>> {
  const { benches, faults, faultsQuick, soak } = results
  const sections = [
    ...benches.filter(({ bench }) => bench === 'failover').map(withAbout),
    ...(faults === null ? [] : [faultsSection(faults)]),
    ...(faultsQuick === null ? [] : [quickSection(faultsQuick)]),
    ...(soak === null ? [] : [soakSection(soak)]),
    ...benches.filter(({ bench }) => bench !== 'failover').map(sectionOf),
  ]
  const files = sections.flatMap((section) => Object.entries(section.files))
  return {
    ...pagesWith(results, pages),
    'docs/results.md': `${[HEAD, ...sections.map(({ text }) => text)].join('\n\n')}\n`,
    ...Object.fromEntries(files.map(([name, text]) => [`docs/results/${name}`, text])),
  }
}

function sectionOf(result: BenchResult): Section {
  return result.bench === 'serving' ? servingSection(result) : benchSection(result)
}

function withAbout(result: BenchResult): Section {
  const { text, files } = failoverSection(result)
  return { text: [text, ...about(result)].join('\n\n'), files }
}
