/** An SVG plot of one number for each of several things, in groups that are read beside one another. Pure. */
import { PLOT, svgPage, svgRect, svgText, WIDTH } from './svg.ts'

export interface BarGroup {
  readonly label: string
  readonly bars: readonly { readonly label: string; readonly value: number; readonly color: string }[]
}

const [LINE, LABEL_WIDTH, VALUE_WIDTH] = [22, 250, 60]

export function barPlot(title: string, unit: string, groups: readonly BarGroup[]): string {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)))
  const left = PLOT.left + LABEL_WIDTH
  const width = WIDTH - left - PLOT.right - VALUE_WIDTH
  const parts: string[] = []
  let y = PLOT.top
  for (const { label, bars } of groups) {
    y += LINE
    parts.push(svgText([PLOT.left, y], label, 'start'))
    for (const bar of bars) {
      y += LINE
      const length = (bar.value / most) * width
      parts.push(
        svgText([left - 8, y], bar.label, 'end'),
        svgRect([left, y - 13], [length, LINE - 6], bar.color),
        svgText([Math.round(left + length + 6), y], `${bar.value} ${unit}`, 'start'),
      )
    }
  }
  return svgPage(title, y + LINE, parts)
}
