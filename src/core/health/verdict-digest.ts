/**
 * A digest of all verdicts of one reader, so that nameservers can be compared without sending verdicts about.
 * What must stay true: it depends on which endpoint has which verdict and on nothing else, not on the order in which they came;
 * a change costs what changed.
 */
import type { EndpointKey } from '../model/resource.ts'
import type { VerdictState } from './verdict.ts'

type Shown = { readonly state: VerdictState; readonly degraded: boolean }

export class VerdictDigest {
  readonly #parts = new Map<EndpointKey, readonly [number, number]>()
  #high = 0
  #low = 0

  /** null: the endpoint is not judged any more. */
  set(endpoint: EndpointKey, verdict: Shown | null): void {
    const [oldHigh, oldLow] = this.#parts.get(endpoint) ?? NOTHING
    const [high, low] = verdict === null ? NOTHING : partOf(endpoint, verdict)
    // Sums modulo 2^32: they can be taken back, and do not cancel out as an exclusive or of equal parts would.
    this.#high = (this.#high - oldHigh + high) >>> 0
    this.#low = (this.#low - oldLow + low) >>> 0
    if (verdict === null) this.#parts.delete(endpoint)
    else this.#parts.set(endpoint, [high, low])
  }

  /** Makes it the digest of exactly these. */
  replace(verdicts: Iterable<readonly [EndpointKey, Shown]>): void {
    const gone = new Set(this.#parts.keys())
    for (const [endpoint, verdict] of verdicts) {
      this.set(endpoint, verdict)
      gone.delete(endpoint)
    }
    for (const endpoint of gone) this.set(endpoint, null)
  }

  /** 16 hex digits. */
  get text(): string {
    return hex(this.#high) + hex(this.#low)
  }
}

const NOTHING = [0, 0] as const

/** Two lanes of FNV-1a with a finaliser each. */
function partOf(endpoint: EndpointKey, { state, degraded }: Shown): readonly [number, number] {
  const text = `${endpoint} ${state} ${degraded ? 1 : 0}`
  let high = 0x811c9dc5
  let low = 0x01000193
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x85ebca6b)
    low ^= low >>> 13
  }
  return [Math.imul(high ^ (high >>> 16), 0x85ebca6b) >>> 0, Math.imul(low ^ (low >>> 16), 0xc2b2ae35) >>> 0]
}

function hex(number: number): string {
  return number.toString(16).padStart(8, '0')
}
