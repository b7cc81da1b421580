/** docs/results.md and the plots beside it, from the results alone: the same results give the same bytes. Pure. */
import { about, benchSection } from './bench-section.ts'
import { failoverSection } from './failover-section.ts'
import { faultsSection } from './faults-section.ts'
import type { BenchResult, Results } from './results.ts'
import type { Section } from './section.ts'

const HEAD = `# Results

<!-- Written by \`npm run report\` from docs/results/*.json: change those, by running what they come from. -->

What was measured last, and by which command. Each command gives the numbers of your own machine.`

/** Paths from the root of the repository. */
export function reportFiles({ benches, faults }: Results): Readonly<Record<string, string>> {
  const sections = [
    ...benches.filter(({ bench }) => bench === 'failover').map(withAbout),
    ...(faults === null ? [] : [faultsSection(faults)]),
    ...benches.filter(({ bench }) => bench !== 'failover').map(benchSection),
  ]
  const files = sections.flatMap((section) => Object.entries(section.files))
  return {
    'docs/results.md': `${[HEAD, ...sections.map(({ text }) => text)].join('\n\n')}\n`,
    ...Object.fromEntries(files.map(([name, text]) => [`docs/results/${name}`, text])),
  }
}

function withAbout(result: BenchResult): Section {
  const { text, files } = failoverSection(result)
  return { text: [text, ...about(result)].join('\n\n'), files }
}
