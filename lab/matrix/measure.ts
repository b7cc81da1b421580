/** From what the clients saw during one fault to its figures. Pure. */
import { addressIn, judge, missingFrom, type JudgeOptions, type Judgement } from '../load/judge.ts'
import type { Observation } from '../load/observation.ts'
import { returnsOf } from '../load/returns.ts'
import type { Span } from '../load/truth.ts'
import { recoveryMs } from './recovery-ms.ts'

export interface Measured {
  /** null where no endpoint died. */
  readonly outP50Ms: number | null
  readonly outMaxMs: number | null
  /** The same from the end of a silence or a hold, at those nameservers that could not know before; null where there are none. */
  readonly catchUpMs: number | null
  /** Deaths that a nameserver which could know answered with to their end, of each type of record. */
  readonly neverOut: number
  /** From the end of a death, or of the fault, to the last answer that was not as before; the longest. */
  readonly recoverMs: number
  readonly answers: Readonly<Record<Judgement, number>>
  readonly asked: number
  readonly timedOutShare: number
  /** Of all questions, those with an answer that is wrong, stale, empty or failed. */
  readonly failedShare: number
  readonly falseWithdrawals: number
  /** From the first to the last question that a nameserver which was to be silent did not answer; null where all were answered. */
  readonly silentMs: number | null
  /** The longest time without a change through a control; absent where none were made. */
  readonly writesMs?: number
}

export interface MeasureOptions extends JudgeOptions {
  readonly observations: readonly Observation[]
  /** When the fault was ended. */
  readonly endMs: number
}

export function measure(given: MeasureOptions): Measured {
  const options = { ...given, returns: returnsOf(given) }
  const { observations } = options
  const answers = { right: 0, stale: 0, wrong: 0, empty: 0, servfail: 0, timedOut: 0, excused: 0 }
  for (const observation of observations) answers[judge(observation, options)] += 1
  const asked = observations.length
  const ended = options.spans
    .filter(({ state }) => state === 'dead')
    .flatMap((span) => outTimes(span, options))
  const outs = ended.filter(({ isLate }) => !isLate).map(({ ms }) => ms)
  const late = ended.filter(({ isLate }) => isLate).map(({ ms }) => ms)
  const { right, excused } = answers
  return {
    outP50Ms: quantile(outs, 0.5),
    outMaxMs: quantile(outs, 1),
    catchUpMs: quantile(late, 1),
    neverOut: ended.filter(({ isOut }) => !isOut).length,
    recoverMs: recoveryMs(options),
    ...{ answers, asked },
    timedOutShare: asked === 0 ? 1 : round(answers.timedOut / asked),
    failedShare: asked === 0 ? 1 : round((asked - right - excused) / asked),
    falseWithdrawals: falseWithdrawals(options),
    silentMs: silence(options),
  }
}

interface Out {
  readonly ms: number
  readonly isOut: boolean
  /** Counted from the end of a silence or a hold. */
  readonly isLate: boolean
}

/** For each nameserver that could know of this death: when its answers were right, in ms after it, or after it could know. */
function outTimes(death: Span, options: MeasureOptions): Out[] {
  const endpoint = options.endpoints.find(({ name }) => name === death.of)
  const names = new Set(options.observations.map(({ nameserver }) => nameserver))
  if (endpoint === undefined) return []
  return [...names].flatMap((name) => {
    const kept = options.spans.filter((span) => span.of === name && overlaps(span, death))
    const fromMs = Math.max(death.fromMs, ...kept.map(({ toMs }) => toMs))
    if (fromMs >= death.toMs) return []
    return (['A', 'AAAA'] as const).map((type) => {
      const answers = options.observations
        .filter((one) => one.nameserver === name && one.type === type && one.rcode !== null)
        .filter(({ askedMs }) => askedMs >= fromMs && askedMs < death.toMs)
        .toSorted((one, other) => one.askedMs - other.askedMs)
      const last = answers.findLastIndex(({ values }) => values.includes(addressIn(endpoint, { type })))
      const first = answers[last + 1]
      // Never out while it was dead: it took longer than that.
      const outMs = first === undefined ? death.toMs : first.askedMs + first.tookMs
      return { ms: Math.round(outMs - fromMs), isOut: first !== undefined, isLate: kept.length > 0 }
    })
  })
}

function overlaps(one: Span, other: Span): boolean {
  return one.fromMs < other.toMs && other.fromMs < one.toMs
}

/** How many times a living endpoint went from an answer of a nameserver. */
function falseWithdrawals(options: MeasureOptions): number {
  const missing = new Map<string, Set<string>>()
  let count = 0
  for (const observation of options.observations.toSorted((one, other) => one.askedMs - other.askedMs)) {
    if (judge(observation, options) !== 'wrong' && judge(observation, options) !== 'right') continue
    const key = `${observation.nameserver} ${observation.type}`
    const before = missing.get(key) ?? new Set()
    const now = new Set(missingFrom(observation, options).map(({ name }) => name))
    count += [...now].filter((name) => !before.has(name)).length
    missing.set(key, now)
  }
  return count
}

/** The longest, of one nameserver. */
function silence(options: MeasureOptions): number | null {
  const lasting = new Map<string, { readonly fromMs: number; readonly toMs: number }>()
  for (const observation of options.observations) {
    const { nameserver, askedMs, rcode } = observation
    if (rcode !== null || judge(observation, options) !== 'excused') continue
    const { fromMs, toMs } = lasting.get(nameserver) ?? { fromMs: askedMs, toMs: askedMs }
    lasting.set(nameserver, { fromMs: Math.min(fromMs, askedMs), toMs: Math.max(toMs, askedMs) })
  }
  return quantile(
    [...lasting.values()].map(({ fromMs, toMs }) => Math.round(toMs - fromMs)),
    1,
  )
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

function round(share: number): number {
  return Math.round(share * 1e5) / 1e5
}
