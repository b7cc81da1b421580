/** What docs/results.md says of any bench: its metrics, its aims, and where it ran. */
import { markdownTable } from './markdown-table.ts'
import type { BenchResult } from './results.ts'
import type { Section } from './section.ts'

export function benchSection(result: BenchResult): Section {
  const metrics = Object.entries(result.metrics).map(([metric, value]) => [metric, figure(value)])
  const text = [
    `## Bench ${result.bench}`,
    markdownTable([['metric', 'value'], ...metrics]),
    ...about(result),
  ]
  return { text: text.join('\n\n'), files: {} }
}

/** Aims and machine, which a section of its own ends with too. */
export function about({ bench, date, machine, versions, aims }: BenchResult): string[] {
  const rows = aims.map(({ metric, op, bound, holds }) => [
    ...[metric, `${op} ${bound}`, holds ? 'met' : '**missed**'],
  ])
  const { cpu, cores, memoryGiB, kernel, node, load } = machine
  const where = [`${cores} cores of ${cpu}`, `${memoryGiB} GiB`, `Linux ${kernel}`, `Node.js ${node}`]
  const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const busy = load === undefined ? [] : [`load average ${load[0]} before and ${load[1]} after`]
  return [
    ...(rows.length === 0 ? [] : [markdownTable([['aim', 'bound', ''], ...rows])]),
    `\`npm run bench -- ${bench} --save\`, ${date.slice(0, 10)}: ${[...where, ...others, ...busy].join(', ')}.`,
  ]
}

function figure(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 3 })
}
