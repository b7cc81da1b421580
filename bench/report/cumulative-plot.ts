/** An SVG plot of distributions: for each series, which share of its values lies at or below each time. Reads on light and dark. */
import { fixed, LEGEND_LINE, PLOT, secondsOf, svgPage, svgText, WIDTH } from './svg.ts'

export interface PlotSeries {
  readonly label: string
  readonly color: string
  /** In ms. */
  readonly values: readonly number[]
}

const HEIGHT = 260

export function cumulativePlot(title: string, series: readonly PlotSeries[]): string {
  const endSec = Math.ceil(Math.max(1, ...series.flatMap(({ values }) => values)) / 1_000)
  const width = WIDTH - PLOT.left - PLOT.right
  const bottom = PLOT.top + HEIGHT
  const x = (ms: number) => fixed(PLOT.left + (ms / 1_000 / endSec) * width)
  const y = (share: number) => fixed(bottom - share * HEIGHT)
  const height = bottom + 44 + series.length * LEGEND_LINE
  const grid = [
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      `<line x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${y(share)}" y2="${y(share)}" stroke="#ddd"/>`,
      svgText([PLOT.left - 6, Number(y(share)) + 4], `${share * 100} %`, 'end'),
    ]),
    ...secondsOf(endSec).map((second) =>
      svgText([Number(x(second * 1_000)), bottom + 18], `${second} s`, 'middle'),
    ),
  ]
  const lines = series.map(
    ({ color, values }) =>
      `<path d="${steps(values, { x, y, endMs: endSec * 1_000 })}" fill="none" stroke="${color}" stroke-width="2"/>`,
  )
  const legend = series.flatMap(({ label, color }, index) => {
    const at = bottom + 40 + index * LEGEND_LINE
    return [
      `<line x1="${PLOT.left}" x2="${PLOT.left + 24}" y1="${at - 4}" y2="${at - 4}" stroke="${color}" stroke-width="2"/>`,
      svgText([PLOT.left + 32, at], label, 'start'),
    ]
  })
  return svgPage(title, height, [...grid, ...lines, ...legend])
}

/** A step up at each value; flat after the last. */
function steps(
  values: readonly number[],
  scale: {
    readonly x: (ms: number) => string
    readonly y: (share: number) => string
    readonly endMs: number
  },
): string {
  const { x, y, endMs } = scale
  const sorted = [...values].sort((a, b) => a - b)
  const path = sorted.map((ms, index) => `H${x(ms)} V${y((index + 1) / sorted.length)}`)
  return `M${x(0)} ${y(0)} ${path.join(' ')} H${x(endMs)}`
}
