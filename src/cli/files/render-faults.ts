/** Faults as people read them: `file:line:column: message`, and on a terminal the place itself with a caret under it. */
import type { Paint } from '../output/paint.ts'
import { printable, widthOf } from '../output/printable.ts'
import type { LocatedFault } from './source.ts'

const MAX_EXCERPT = 100
/** Beyond so many faults, the places alone. */
const MAX_EXCERPTS = 20

export function renderFaults(
  faults: readonly LocatedFault[],
  options: { readonly paint: Paint; readonly excerpt: boolean },
): string[] {
  const { paint, excerpt } = options
  return faults.flatMap((fault, index) => {
    const place = `${printable(fault.source.name)}:${fault.line}:${fault.column}:`
    const head = `${paint.bold(place)} ${paint.red(printable(fault.message))}`
    return excerpt && index < MAX_EXCERPTS ? [head, ...excerptOf(fault, paint)] : [head]
  })
}

/** The line before and the line itself, then a caret under the column. */
function excerptOf({ source, line, column }: LocatedFault, paint: Paint): string[] {
  const lines = source.text.split('\n', line)
  const gutter = String(line).length
  const shown = [line - 1, line].filter((number) => number >= 1)
  const start = Math.max(0, column - 1 - Math.floor(MAX_EXCERPT * 0.7))
  const cut = (text: string) =>
    printable(
      text
        .replaceAll('\r', '')
        .replaceAll('\t', ' ')
        .slice(start, start + MAX_EXCERPT),
    )
  const excerpt = shown.map(
    (number) => `${paint.dim(`${String(number).padStart(gutter + 2)} |`)} ${cut(lines[number - 1] ?? '')}`,
  )
  const before = (lines[line - 1] ?? '').slice(start, column - 1)
  const caret = ' '.repeat(widthOf(printable(before.replaceAll('\t', ' '))))
  return [...excerpt, `${' '.repeat(gutter + 2)} ${paint.dim('|')} ${caret}${paint.red('^')}`]
}
