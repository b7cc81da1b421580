/** Rows in aligned columns: two spaces between, the last column not padded, so that piped output is easy to cut and grep. */
import type { Paint } from './paint.ts'
import { printable, widthOf } from './printable.ts'

export interface Cell {
  readonly text: string
  readonly style?: keyof Paint
}

/** A line of text for each row, the header first. No rows: `none` alone. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  options: { readonly paint: Paint; readonly none: string },
): string[] {
  if (rows.length === 0) return [options.none]
  const cells = rows.map((row) => row.map(toCell))
  const widths = header.map((title, column) =>
    cells.reduce((width, row) => Math.max(width, widthOf(row[column]?.text ?? '')), widthOf(title)),
  )
  const line = (row: readonly Cell[]) =>
    row
      .map((cell, column) => {
        const padding = column === row.length - 1 ? 0 : (widths[column] ?? 0) - widthOf(cell.text)
        const painted = cell.style === undefined ? cell.text : options.paint[cell.style](cell.text)
        return painted + ' '.repeat(padding)
      })
      .join('  ')
      .trimEnd()
  return [header.map((title): Cell => ({ text: title, style: 'bold' })), ...cells].map(line)
}

function toCell(cell: string | Cell): Cell {
  const { text, ...rest } = typeof cell === 'string' ? { text: cell } : cell
  return { text: text === '' ? '-' : printable(text), ...rest }
}
