/** What the clients saw during one fault over time, for the plots of docs/results.md. Pure. */
import { isComplete, judge } from '../load/judge.ts'
import type { MeasureOptions } from './measure.ts'

/** `behind`: not yet as the truth is, and within the time that the bound gives for it. */
export const SEEN = ['right', 'behind', 'failed', 'noReply', 'excused'] as const
type Seen = (typeof SEEN)[number]

/** All times in ms, from the beginning of the fault. */
export interface Timeline {
  readonly stepMs: number
  readonly endedMs: number
  /** null: it was dead until the fault was forgotten. */
  readonly deaths: readonly {
    readonly of: string
    readonly fromMs: number
    readonly toMs: number | null
  }[]
  /** Questions asked in each step, one number for each of SEEN in its order. */
  readonly steps: readonly (readonly number[])[]
}

const STEP_MS = 500

export function timeline(options: MeasureOptions & { readonly fromMs: number }): Timeline {
  const { observations, spans, fromMs, endMs } = options
  const steps: number[][] = []
  for (const observation of observations) {
    const index = Math.floor((observation.askedMs - fromMs) / STEP_MS)
    while (steps.length <= index) steps.push(SEEN.map(() => 0))
    const step = steps[index]
    const seen = SEEN.indexOf(seenOf(observation, options))
    if (step !== undefined) step[seen] = (step[seen] ?? 0) + 1
  }
  const since = (ms: number) => Math.round(ms - fromMs)
  const deaths = spans
    .filter(({ state, toMs }) => state === 'dead' && toMs > fromMs)
    .map(({ of, fromMs: diedMs, toMs }) => ({
      ...{ of, fromMs: since(diedMs) },
      toMs: toMs === Infinity ? null : since(toMs),
    }))
  return { stepMs: STEP_MS, endedMs: since(endMs), deaths, steps }
}

function seenOf(observation: MeasureOptions['observations'][number], options: MeasureOptions): Seen {
  const judgement = judge(observation, options)
  if (judgement === 'right') return isComplete(observation, options) ? 'right' : 'behind'
  if (judgement === 'excused') return 'excused'
  return judgement === 'timedOut' ? 'noReply' : 'failed'
}
