/** An SVG plot of one fault of the lab over time: what became of the clients' questions, while endpoints were dead. Pure. */
import type { FaultTimeline } from './results.ts'
import { LEGEND_LINE, PLOT, secondsOf, svgPage, svgRect, svgText, WIDTH } from './svg.ts'

/** In the order of a step's numbers, which is that of lab/matrix/timeline.ts. */
const SEEN = [
  ['right', '#2e9e5b'],
  ['as before, within the bound', '#e8b93a'],
  ['stale, wrong, empty or SERVFAIL', '#cf2f2f'],
  ['no reply', '#8a5a9e'],
  ['no reply or an older answer, of a nameserver that is itself cut off or down', '#c9ccd1'],
] as const
const [HEIGHT, DEATH_LINE, DEATHS] = [180, 8, 12]
const DEAD = '#333'

export function timelinePlot(title: string, { stepMs, endedMs, deaths, steps }: FaultTimeline): string {
  const lengthMs = Math.max(1, steps.length) * stepMs
  const most = Math.max(1, ...steps.map((step) => step.reduce((sum, count) => sum + count, 0)))
  const bottom = PLOT.top + HEIGHT
  const x = (ms: number) =>
    PLOT.left + (Math.min(Math.max(0, ms), lengthMs) / lengthMs) * (WIDTH - PLOT.left - PLOT.right)
  const stepWidth = x(stepMs) - x(0)
  const bars = steps.flatMap((step, index) => {
    let top = bottom
    return step.flatMap((count, seen) => {
      const height = (count / most) * HEIGHT
      top -= height
      return count === 0
        ? []
        : [svgRect([x(index * stepMs), top], [stepWidth, height], SEEN[seen]?.[1] ?? DEAD)]
    })
  })
  // As many lines as can be told from one another: the rest die at the same time.
  const dead = deaths
    .slice(0, DEATHS)
    .map(({ fromMs, toMs }, index) =>
      svgRect(
        [x(fromMs), bottom + 26 + index * DEATH_LINE],
        [x(toMs ?? lengthMs) - x(fromMs), DEATH_LINE - 3],
        DEAD,
      ),
    )
  const axis = [
    ...secondsOf(Math.floor(lengthMs / 1_000)).map((second) =>
      svgText([x(second * 1_000), bottom + 18], `${second} s`, 'middle'),
    ),
    svgText([PLOT.left - 6, PLOT.top + 4], String(Math.round((most * 1_000) / stepMs)), 'end'),
    svgText([PLOT.left - 6, bottom], '0 /s', 'end'),
    `<line x1="${x(endedMs)}" x2="${x(endedMs)}" y1="${PLOT.top}" y2="${bottom}" stroke="${DEAD}" stroke-dasharray="4 3"/>`,
  ]
  const below = bottom + 44 + dead.length * DEATH_LINE
  const labels = [
    ...SEEN.map(([label, color]) => [label, color] as const),
    ...(dead.length === 0 ? [] : [['an endpoint is dead', DEAD] as const]),
  ]
  const legend = labels.flatMap(([label, color], index) => {
    const at = below + index * LEGEND_LINE
    return [svgRect([PLOT.left, at - 10], [24, 10], color), svgText([PLOT.left + 32, at], label, 'start')]
  })
  return svgPage(title, below + labels.length * LEGEND_LINE, [...bars, ...dead, ...axis, ...legend])
}
