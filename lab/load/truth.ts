/**
 * What was true when: which endpoints were dead, and which nameservers could not be expected to know. Whoever causes a trouble writes
 * it down here, so that every answer can be judged by what was so when it was given. All times are of the machine's monotonic clock.
 */
import { monotonicMs } from '../monotonic-ms.ts'

/** Of an endpoint: dead, or reached by some and not by others, so that both answers are right. */
type EndpointState = 'dead' | 'doubtful'
/** Of a nameserver: its PowerDNS is gone or out of reach, or it cannot hear a quorum and keeps what it has. */
type NameserverState = 'silent' | 'holding'

export interface Span {
  readonly of: string
  readonly state: EndpointState | NameserverState
  readonly fromMs: number
  /** Infinity while it lasts. */
  toMs: number
}

export class Truth {
  readonly spans: Span[] = []

  begins(of: string, state: Span['state'], fromMs = monotonicMs()): void {
    this.spans.push({ of, state, fromMs, toMs: Infinity })
  }

  ends(of: string, state: Span['state']): void {
    const nowMs = monotonicMs()
    for (const span of this.spans)
      if (span.of === of && span.state === state && span.toMs === Infinity) span.toMs = nowMs
  }

  /** Forgets what was over before. */
  forget(beforeMs: number): void {
    const kept = this.spans.filter(({ toMs }) => toMs >= beforeMs)
    this.spans.splice(0, this.spans.length, ...kept)
  }

  isNow(of: string, state?: Span['state']): boolean {
    return this.spans.some(
      (span) => span.of === of && span.toMs === Infinity && (state === undefined || span.state === state),
    )
  }
}
