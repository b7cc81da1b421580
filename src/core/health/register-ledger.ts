/**
 * What one reader knows of every checker: the newest frame of each, merged (SPEC.md, L1 to L9).
 * What must stay true: (incarnation, sequence) never goes back; a gap is never papered over, the reader asks for a snapshot
 * and until it comes the old registers stand; time since a frame is the reader's own monotonic clock.
 */
import type { EndpointKey } from '../model/resource.ts'
import type { Frame, ReportedRegister } from './frame.ts'

export interface CheckerView {
  readonly checker: string
  readonly site: string
  readonly incarnation: number
  readonly sequence: number
  readonly revision: number
  readonly fenced: boolean
  readonly fenceReason?: string
  readonly loss: number
  /** Monotonic ms of the reader at which the last frame came. */
  readonly heardAtMs: number
  readonly registers: ReadonlyMap<EndpointKey, ReportedRegister>
}

export type MergeOutcome =
  /** `endpoints`: those whose register changed in any field that a vote reads. */
  | { readonly kind: 'merged'; readonly endpoints: readonly EndpointKey[]; readonly livenessChanged: boolean }
  /** Older than what is known, or a repetition: nothing was taken from it. */
  | { readonly kind: 'stale' }
  /** A frame is missing before this one: ask for a snapshot. Nothing was taken from it. */
  | { readonly kind: 'gap' }

interface MutableView extends CheckerView {
  registers: Map<EndpointKey, ReportedRegister>
}

export class RegisterLedger {
  readonly #views = new Map<string, MutableView>()

  merge(frame: Frame, nowMs: number): MergeOutcome {
    const known = this.#views.get(frame.checker)
    if (known !== undefined && !isNewer(frame, known)) return { kind: 'stale' }
    const continues = known?.incarnation === frame.incarnation && known.sequence + 1 === frame.sequence
    const starts = frame.sequence === 1 && known?.incarnation !== frame.incarnation
    if (!frame.snapshot && !continues && !starts) return { kind: 'gap' }

    const previous = known?.registers ?? new Map<EndpointKey, ReportedRegister>()
    const keeps = continues && !frame.snapshot
    const registers = keeps ? previous : new Map<EndpointKey, ReportedRegister>()
    const endpoints = new Set<EndpointKey>()
    for (const register of frame.registers) {
      if (!sameVote(previous.get(register.endpoint), register)) endpoints.add(register.endpoint)
      registers.set(register.endpoint, register)
    }
    if (!keeps) for (const key of previous.keys()) if (!registers.has(key)) endpoints.add(key)
    const { checker, site, incarnation, sequence, revision, fenced, fenceReason, loss } = frame
    this.#views.set(checker, {
      checker,
      site,
      incarnation,
      sequence,
      revision,
      fenced,
      ...(fenceReason !== undefined && { fenceReason }),
      loss,
      heardAtMs: nowMs,
      registers,
    })
    const livenessChanged = known?.fenced !== fenced || known.site !== site
    return { kind: 'merged', endpoints: [...endpoints], livenessChanged }
  }

  checkers(): Iterable<CheckerView> {
    return this.#views.values()
  }

  checker(name: string): CheckerView | undefined {
    return this.#views.get(name)
  }
}

function isNewer(frame: Frame, known: CheckerView): boolean {
  if (frame.incarnation !== known.incarnation) return frame.incarnation > known.incarnation
  return frame.sequence > known.sequence
}

function sameVote(known: ReportedRegister | undefined, next: ReportedRegister): boolean {
  return (
    known?.state === next.state && known.degraded === next.degraded && known.definition === next.definition
  )
}
