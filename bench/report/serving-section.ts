/** What docs/results.md says of the cost of an answer, and its plot. */
import { barPlot } from './bar-plot.ts'
import { benchSection } from './bench-section.ts'
import type { BenchResult } from './results.ts'
import type { Section } from './section.ts'

const [OURS, STATIC, GDNSD] = ['#0b6bcb', '#8a8f98', '#d1570a']

/** By what is asked for: metrics of the bench, and whose they are. */
const GROUPS = [
  [
    'an address that never changes',
    [
      ['plainUs', 'Fairlead', OURS],
      ['staticUs', 'PowerDNS alone', STATIC],
    ],
  ],
  [
    'one of several, by weight',
    [
      ['weightedUs', 'Fairlead', OURS],
      ['gdnsdWeightedUs', 'gdnsd', GDNSD],
    ],
  ],
  [
    'the same one for each client network',
    [
      ['stickyUs', 'Fairlead', OURS],
      ['gdnsdWeightedSubnetUs', 'gdnsd, by weight', GDNSD],
    ],
  ],
  [
    'by place of the client',
    [
      ['geoUs', 'Fairlead', OURS],
      ['gdnsdGeoUs', 'gdnsd', GDNSD],
    ],
  ],
] as const

const FILE = 'serving.svg'
const TITLE = 'CPU time of one answer, without dnsdist'

export function servingSection(result: BenchResult): Section {
  const value = (metric: string) => {
    const found = result.metrics[metric]
    if (found === undefined) throw new Error(`docs/results/serving.json has no metric ${metric}`)
    return found
  }
  const groups = GROUPS.map(([label, bars]) => ({
    label,
    bars: bars.map(([metric, name, color]) => ({ label: name, value: value(metric), color })),
  }))
  const { text } = benchSection(result)
  return {
    text: `${text}\n\n![${TITLE}](results/${FILE})`,
    files: { [FILE]: barPlot(TITLE, 'µs', groups) },
  }
}
