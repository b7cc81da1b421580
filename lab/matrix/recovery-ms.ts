/**
 * How long it took until all was as before: from the end of each death, and from that of the fault. Pure. What must stay true: each end
 * is looked at until the next death only, and a nameserver that is silent or holds is not asked for more than it can know.
 */
import { isComplete, type JudgeOptions } from '../load/judge.ts'
import type { Observation } from '../load/observation.ts'

interface Recovery extends JudgeOptions {
  readonly observations: readonly Observation[]
  /** When the fault was ended. */
  readonly endMs: number
}

export function recoveryMs(options: Recovery): number {
  const { observations, spans, endMs } = options
  const deaths = spans.filter(({ state }) => state === 'dead' || state === 'doubtful')
  const ends = [...new Set([...deaths.map(({ toMs }) => toMs).filter(Number.isFinite), endMs])]
  const isExempt = ({ nameserver, askedMs }: Observation) =>
    spans.some(({ of, fromMs, toMs }) => of === nameserver && fromMs <= askedMs && askedMs < toMs)
  const late = observations.filter((one) => !isExempt(one) && !isComplete(one, options))
  let longestMs = 0
  for (const end of ends) {
    let nextMs = Infinity
    for (const { fromMs } of deaths) if (fromMs >= end) nextMs = Math.min(nextMs, fromMs)
    for (const { askedMs, tookMs } of late)
      if (askedMs >= end && askedMs < nextMs) longestMs = Math.max(longestMs, askedMs + tookMs - end)
  }
  return Math.round(longestMs)
}
