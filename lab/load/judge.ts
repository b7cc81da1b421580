/**
 * Judges an answer against the truth of its moment. Pure. What must stay true: an answer is excused only where the spans say so; an
 * empty answer and SERVFAIL never are, nor is one without an endpoint that has lived all along, whoever holds.
 */
import type { Observation } from './observation.ts'
import { wasBack, type Returns } from './returns.ts'
import type { Span } from './truth.ts'

/** `stale`: with an endpoint that has been dead for longer than the bound. `wrong`: without one that lives, or with a foreign address. */
export type Judgement = 'right' | 'stale' | 'wrong' | 'empty' | 'servfail' | 'timedOut' | 'excused'

export interface Subject {
  readonly name: string
  readonly address: { readonly v4: string; readonly v6: string }
}

export interface JudgeOptions {
  readonly endpoints: readonly Subject[]
  readonly spans: readonly Span[]
  /** How long a dead endpoint may still be answered. */
  readonly outMs: number
  /** How long one that is back may still be missing. */
  readonly recoverMs: number
  /** When an endpoint was back where it had been missing; what is missing again after that is not excused. */
  readonly returns?: Returns
  /** How long a nameserver that held may still answer what it held; `recoverMs` if absent. */
  readonly catchUpMs?: number
}

export function judge(observation: Observation, options: JudgeOptions): Judgement {
  const { rcode, values } = observation
  const during = (state: Span['state']) => covers(observation, options, { of: observation.nameserver, state })
  if (rcode === null) return during('silent') ? 'excused' : 'timedOut'
  if (rcode !== 'NOERROR') return rcode === 'NXDOMAIN' ? 'empty' : 'servfail'
  if (values.length === 0) return 'empty'
  const fault = faultOf(observation, options)
  if (fault === null) return 'right'
  return during('holding') && !lacksWhoLived(observation, options) ? 'excused' : fault
}

/** Who holds may answer as it was at any time since it began to: with the dead, without those that were dead then, and nobody else. */
function lacksWhoLived(observation: Observation, options: JudgeOptions): boolean {
  const { endpoints, spans, recoverMs } = options
  const known = endpoints.map((endpoint) => addressIn(endpoint, observation))
  if (observation.values.some((value) => !known.includes(value))) return true
  const holds = spans.filter(({ of, state }) => of === observation.nameserver && state === 'holding')
  const sinceMs = Math.min(...holds.map(({ fromMs }) => fromMs)) - recoverMs
  return missingFrom(observation, options).some(
    ({ name }) => !spans.some(({ of, toMs }) => of === name && toMs >= sinceMs),
  )
}

/** The endpoints that must be in the answer and are not. */
export function missingFrom(observation: Observation, options: JudgeOptions): Subject[] {
  if (observation.rcode !== 'NOERROR' || observation.values.length === 0) return []
  return options.endpoints.filter(
    (endpoint) =>
      !observation.values.includes(addressIn(endpoint, observation)) &&
      !isStillMissing(endpoint, observation, options),
  )
}

export function addressIn({ address }: Subject, { type }: Pick<Observation, 'type'>): string {
  return type === 'A' ? address.v4 : address.v6
}

/** Everybody who lives, and nobody else: what is answered when all is well. */
export function isComplete(observation: Observation, options: JudgeOptions): boolean {
  const asked = observation.askedMs
  const isOut = ({ name }: Subject) =>
    options.spans.some(
      ({ of, state, fromMs, toMs }) => of === name && state === 'dead' && fromMs <= asked && asked < toMs,
    )
  const isDoubtful = ({ name }: Subject) =>
    options.spans.some(
      ({ of, state, fromMs, toMs }) => of === name && state === 'doubtful' && fromMs <= asked && asked < toMs,
    )
  const wanted = options.endpoints.filter((endpoint) => !isOut(endpoint) && !isDoubtful(endpoint))
  const allowed = options.endpoints.filter((endpoint) => !isOut(endpoint))
  const addresses = (list: readonly Subject[]) => list.map((endpoint) => addressIn(endpoint, observation))
  return (
    observation.rcode === 'NOERROR' &&
    addresses(wanted).every((address) => observation.values.includes(address)) &&
    observation.values.every((value) => addresses(allowed).includes(value))
  )
}

function faultOf(observation: Observation, options: JudgeOptions): 'stale' | 'wrong' | null {
  const { endpoints, spans, outMs } = options
  const { askedMs, tookMs, values } = observation
  const known = endpoints.map((endpoint) => addressIn(endpoint, observation))
  if (values.some((value) => !known.includes(value))) return 'wrong'
  if (missingFrom(observation, options).length > 0) return 'wrong'
  const isStale = endpoints.some(
    (endpoint) =>
      values.includes(addressIn(endpoint, observation)) &&
      spans.some(
        ({ of, state, fromMs, toMs }) =>
          of === endpoint.name && state === 'dead' && askedMs > fromMs + outMs && askedMs + tookMs < toMs,
      ),
  )
  return isStale ? 'stale' : null
}

/** While it is out, and from then on until that nameserver has had it again, for no longer than `recoverMs`. */
function isStillMissing({ name }: Subject, observation: Observation, options: JudgeOptions): boolean {
  return options.spans.some(
    (span) =>
      span.of === name &&
      reaches(span, observation, options.recoverMs) &&
      !(options.returns !== undefined && wasBack(options.returns, span, observation)),
  )
}

/** Until some time after a span too. */
function covers(
  observation: Observation,
  { spans, recoverMs, catchUpMs }: JudgeOptions,
  about: Pick<Span, 'of' | 'state'>,
): boolean {
  const afterMs = about.state === 'holding' ? (catchUpMs ?? recoverMs) : recoverMs
  return spans.some(
    (span) => span.of === about.of && span.state === about.state && reaches(span, observation, afterMs),
  )
}

function reaches({ fromMs, toMs }: Span, { askedMs, tookMs }: Observation, afterMs: number): boolean {
  return fromMs <= askedMs + tookMs && askedMs < toMs + afterMs
}
