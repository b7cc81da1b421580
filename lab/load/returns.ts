/**
 * When each nameserver had an endpoint again that had been out of its answers. Pure. What must stay true: it is known of each type of
 * record, and only where the endpoint had been missing before, so that a nameserver that has not heard of a death yet is not taken for
 * one that is over it.
 */
import type { Observation } from './observation.ts'
import type { Span } from './truth.ts'

/** By span, then by nameserver and type. */
export type Returns = ReadonlyMap<Span, ReadonlyMap<string, number>>

interface Seen {
  readonly observations: readonly Observation[]
  readonly endpoints: readonly {
    readonly name: string
    readonly address: { readonly v4: string; readonly v6: string }
  }[]
  readonly spans: readonly Span[]
  readonly outMs: number
}

export function returnsOf({ observations, endpoints, spans, outMs }: Seen): Returns {
  const inOrder = observations
    .filter(({ rcode, values }) => rcode === 'NOERROR' && values.length > 0)
    .toSorted((one, other) => one.askedMs - other.askedMs)
  const returns = new Map<Span, Map<string, number>>()
  for (const span of spans) {
    const endpoint = endpoints.find(({ name }) => name === span.of)
    if (endpoint === undefined || span.toMs === Infinity) continue
    // What it went through before its end may still be told so long where it came and went.
    const endMs = span.toMs + (span.state === 'doubtful' ? outMs : 0)
    const [missed, back] = [new Set<string>(), new Map<string, number>()]
    for (const observation of inOrder) {
      const { askedMs, tookMs, type, values } = observation
      const key = keyOf(observation)
      if (askedMs < span.fromMs || back.has(key)) continue
      if (!values.includes(type === 'A' ? endpoint.address.v4 : endpoint.address.v6)) missed.add(key)
      else if (askedMs >= endMs && missed.has(key)) back.set(key, askedMs + tookMs)
    }
    returns.set(span, back)
  }
  return returns
}

export function wasBack(returns: Returns, span: Span, observation: Observation): boolean {
  const backMs = returns.get(span)?.get(keyOf(observation))
  return backMs !== undefined && observation.askedMs > backMs
}

function keyOf({ nameserver, type }: Observation): string {
  return `${nameserver} ${type}`
}
