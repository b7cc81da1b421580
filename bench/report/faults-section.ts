/** What docs/results.md says of the fault matrix of the lab. */
import { markdownTable } from './markdown-table.ts'
import type { FaultMatrix } from './results.ts'
import type { Section } from './section.ts'

export function faultsSection({ date, faults }: FaultMatrix): Section {
  const passed = faults.filter((fault) => fault.passed).length
  const rows = faults.map(({ name, passed: isPassed, bound, measured }) => [
    ...[name, figure(bound), figure(measured), isPassed ? 'passed' : '**failed**'],
  ])
  const text = [
    '## The fault matrix',
    `\`npm run lab -- run --all --json\`${date === undefined ? '' : `, ${date.slice(0, 10)}`}: ${passed} of ${faults.length} faults within the bound that was written beside them before the run.`,
    markdownTable([['fault', 'bound', 'measured', ''], ...rows]),
  ]
  return { text: text.join('\n\n'), files: {} }
}

/** A number or a sentence as it is; of an object its members. */
function figure(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, one]) => `${name} ${typeof one === 'string' ? one : JSON.stringify(one)}`)
    .join(', ')
}
