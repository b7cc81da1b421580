/**
 * Key rollovers (RFC 6781 4.1) as a machine of steps: which step comes next, when it may be taken, and what it makes of the keys.
 * Pure. SPEC.md says what each step waits for and why.
 * What must stay true: at every moment a validator that holds any mix of what was published within the times to live finds a
 * chain from the parent's DS to every answer; a step whose condition is not known to hold is not taken.
 */
import type { Rollover, SigningKey, SigningKeys } from '../model/dnssec.ts'

/** What is known of the world at the moment of a step. */
export interface RolloverFacts {
  readonly nowMs: number
  /** Revision that the step would be part of. */
  readonly revision: number
  readonly times: RolloverTimes
  /** Nameservers that do not answer the present revision yet, or are not heard of. */
  readonly lagging: readonly string[]
  readonly parent: ParentFacts
}

export interface RolloverTimes {
  readonly dnskeyTtlSec: number
  /** The longest of any record in the zone. */
  readonly maxTtlSec: number
  readonly propagationSec: number
  readonly parentPropagationSec: number
}

export type ParentFacts =
  /** Tags of our keys whose DS all servers of the parent give; and those that any of them gives. */
  | {
      readonly kind: 'seen'
      readonly atAll: ReadonlySet<number>
      readonly atAny: ReadonlySet<number>
      readonly ttlSec: number
    }
  /** There is no parent to ask, and the operator vouches for it. */
  | { readonly kind: 'vouched' }
  | { readonly kind: 'unknown'; readonly detail: string }

export type RolloverDecision =
  | { readonly kind: 'step'; readonly keys: SigningKeys; readonly done: boolean }
  /** Nothing but time is missing. */
  | { readonly kind: 'wait'; readonly untilMs: number; readonly why: string }
  /** Somebody has to do something first. */
  | { readonly kind: 'refused'; readonly why: string }

const SEQUENCES = {
  zsk: ['introduced', 'switched'],
  ksk: ['introduced', 'at-parent'],
  csk: ['introduced', 'at-parent'],
  algorithm: ['signing', 'introduced', 'at-parent', 'withdrawing'],
} as const satisfies Record<Rollover['kind'], readonly Rollover['step'][]>

/** The first step: `incoming` are new keys, as yet neither published nor active; `retiring` are the tags of those that go. */
export function beginRollover(
  before: SigningKeys,
  rollover: {
    readonly kind: Rollover['kind']
    readonly incoming: readonly SigningKey[]
    readonly retiring: readonly number[]
  },
  { nowMs, revision }: Pick<RolloverFacts, 'nowMs' | 'revision'>,
): SigningKeys {
  const { kind, incoming, retiring } = rollover
  const state = { published: kind !== 'algorithm', active: kind !== 'zsk' }
  return {
    ...before,
    keys: [...before.keys, ...incoming.map((key) => ({ ...key, ...state }))],
    rollover: {
      kind,
      step: SEQUENCES[kind][0],
      sinceMs: nowMs,
      revision,
      incoming: incoming.map(({ tag }) => tag),
      retiring: [...retiring],
    },
  }
}

/** The step after the present one, or why it is not taken. `keys` has a rollover under way. */
export function nextStep(keys: SigningKeys, rollover: Rollover, facts: RolloverFacts): RolloverDecision {
  if (facts.lagging.length > 0)
    return {
      kind: 'refused',
      why: `not every nameserver is known to answer with the keys of this step: ${facts.lagging.join(', ')}`,
    }
  const untilMs = dueMs(rollover, facts.times)
  if (facts.nowMs < untilMs) return { kind: 'wait', untilMs, why: WAITS[rollover.step] }
  const steps: readonly Rollover['step'][] = SEQUENCES[rollover.kind]
  const next = steps[steps.indexOf(rollover.step) + 1]
  // Before the old key goes, once more: the parent may have changed its mind.
  const asksParent = next === 'at-parent' || rollover.step === 'at-parent'
  const gate = asksParent ? parentGate(keys, rollover, facts.parent) : null
  if (gate !== null) return { kind: 'refused', why: gate }
  if (next === undefined) return finish(keys, rollover)
  const dsTtlSec =
    next === 'at-parent' && facts.parent.kind === 'seen' ? { dsTtlSec: facts.parent.ttlSec } : {}
  return {
    kind: 'step',
    done: false,
    keys: {
      ...keys,
      keys: keys.keys.map((key) => ({ ...key, ...stateIn(next, key.tag, rollover) })),
      rollover: { ...rollover, ...dsTtlSec, step: next, sinceMs: facts.nowMs, revision: facts.revision },
    },
  }
}

/** Back to what was before the rollover; only while no DS can depend on the keys that came. */
export function cancelRollover(keys: SigningKeys, rollover: Rollover, parent: ParentFacts): RolloverDecision {
  if (!['signing', 'introduced'].includes(rollover.step))
    return {
      kind: 'refused',
      why: `it has gone too far to be taken back: go on with it (step ${rollover.step})`,
    }
  if (rollover.kind !== 'zsk') {
    if (parent.kind === 'unknown') return { kind: 'refused', why: unknownParent(parent.detail) }
    const depends = parent.kind === 'seen' && rollover.incoming.some((tag) => parent.atAny.has(tag))
    if (depends)
      return {
        kind: 'refused',
        why: 'the parent has a DS of the new key already: have it removed there first',
      }
  }
  return { kind: 'step', done: true, keys: without(keys, rollover.incoming) }
}

/** When the next step may be taken, in ms since the epoch. */
export function dueMs(rollover: Rollover, times: RolloverTimes): number {
  const { dnskeyTtlSec, maxTtlSec, propagationSec, parentPropagationSec } = times
  const waits: Record<Rollover['step'], number> = {
    signing: maxTtlSec + propagationSec,
    introduced: dnskeyTtlSec + propagationSec,
    switched: maxTtlSec + propagationSec,
    'at-parent': (rollover.dsTtlSec ?? 0) + parentPropagationSec,
    withdrawing: dnskeyTtlSec + propagationSec,
  }
  return rollover.sinceMs + waits[rollover.step] * 1_000
}

const WAITS: Record<Rollover['step'], string> = {
  signing: 'answers without signatures of the new algorithm are still in caches',
  introduced: 'DNSKEY record sets without the new key are still in caches',
  switched: 'signatures of the old key are still in caches',
  'at-parent': 'the old DS is still in caches',
  withdrawing: 'DNSKEY record sets with the old key are still in caches',
}

function finish(keys: SigningKeys, rollover: Rollover): RolloverDecision {
  return { kind: 'step', done: true, keys: without(keys, rollover.retiring) }
}

function without(keys: SigningKeys, tags: readonly number[]): SigningKeys {
  return { name: keys.name, keys: keys.keys.filter(({ tag }) => !tags.includes(tag)) }
}

function stateIn(
  step: Rollover['step'],
  tag: number,
  { kind, incoming, retiring }: Rollover,
): Partial<Pick<SigningKey, 'published' | 'active'>> {
  if (incoming.includes(tag)) return { published: true, active: kind !== 'zsk' || step === 'switched' }
  if (!retiring.includes(tag)) return {}
  if (step === 'switched') return { active: false }
  return step === 'withdrawing' ? { published: false } : {}
}

/** What is missing at the parent; null: nothing. */
function parentGate(keys: SigningKeys, rollover: Rollover, parent: ParentFacts): string | null {
  if (parent.kind === 'unknown') return unknownParent(parent.detail)
  if (parent.kind === 'vouched') return null
  const entry = keys.keys.find(({ tag, role }) => rollover.incoming.includes(tag) && role !== 'zsk')
  if (entry !== undefined && !parent.atAll.has(entry.tag))
    return `the parent does not give the DS of the new key ${entry.tag} on all its servers: have it added there`
  // A DS of an algorithm that the zone is no longer signed with makes the zone bogus to strict validators (RFC 6840 5.11).
  const old = rollover.kind === 'algorithm' ? rollover.retiring.filter((tag) => parent.atAny.has(tag)) : []
  return old.length === 0
    ? null
    : `the parent still gives the DS of the old key ${old.join(', ')}: have it removed there, because its algorithm goes`
}

function unknownParent(detail: string): string {
  return `whether the parent has the DS is not known (${detail})`
}
