/**
 * What one name needs at a server that holds its zone: from what stands there and what is to stand there to an update, or to why
 * there is none. Pure.
 * What must stay true: what is not marked as ours is never touched; what is ours and was edited by somebody else stays as it is, and
 * is said; an update holds only for the very state that it was made from.
 */
import type { PlainRecordSet } from '../../core/dns/record-set.ts'
import { DECIDED_TYPES } from '../../core/steering/decision.ts'
import { markName, markText, parseMark } from '../../core/steering/ownership.ts'
import type { DynamicUpdate } from '../../ports/dynamic-update.ts'

export interface StandingSets {
  /** By type; only types that are there. */
  readonly sets: ReadonlyMap<string, StandingSet>
  /** TXT values at the name of the mark. */
  readonly marks: readonly string[]
}

interface StandingSet {
  readonly ttlSec: number
  /** In any order. */
  readonly values: readonly string[]
}

export type NameDecision =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'conflict'; readonly detail: string }
  | ({ readonly kind: 'update' } & Pick<DynamicUpdate, 'prerequisites' | 'deletes' | 'adds'>)

const MARK_TTL_SEC = 60

export interface NameUpdateInput {
  readonly name: string
  readonly owner: string
  /** Empty: the name is to go. */
  readonly wanted: readonly PlainRecordSet[]
  readonly standing: StandingSets
  readonly digestOf: (lines: readonly string[]) => string
}

export function decideUpdate({ name, owner, wanted, standing, digestOf }: NameUpdateInput): NameDecision {
  const mark = markName(name)
  const ours = standing.marks.map(parseMark).find((one) => one !== null)
  if (ours === undefined) {
    if (wanted.length === 0) return { kind: 'nothing' }
    if (standing.sets.size > 0 || standing.marks.length > 0)
      return {
        kind: 'conflict',
        detail: `${name} is there already and is not ours: remove it there, or here`,
      }
    return {
      kind: 'update',
      prerequisites: [
        { kind: 'no-name', name },
        { kind: 'no-set', name: mark, type: 'TXT' },
      ],
      deletes: [],
      adds: [markOf(wanted), ...records(wanted)],
    }
  }
  if (ours.owner !== owner)
    return { kind: 'conflict', detail: `${name} belongs to another Fairlead (owner ${ours.owner})` }
  if (digestOf(linesOf(standing.sets)) !== ours.digest)
    return {
      kind: 'conflict',
      detail: `${name} was edited at the server by somebody else: restore it there, or remove it together with ${mark} TXT`,
    }
  if (wanted.length > 0 && digestOf(linesOf(byType(wanted))) === ours.digest) return { kind: 'nothing' }
  return {
    kind: 'update',
    prerequisites: [
      { kind: 'is', name: mark, type: 'TXT', data: [markText(ours)] },
      ...DECIDED_TYPES.map((type) => {
        const data = standing.sets.get(type)?.values
        return data === undefined
          ? ({ kind: 'no-set', name, type } as const)
          : ({ kind: 'is', name, type, data } as const)
      }),
    ],
    deletes: [{ name: mark, type: 'TXT' }, ...[...standing.sets.keys()].map((type) => ({ name, type }))],
    adds: wanted.length === 0 ? [] : [markOf(wanted), ...records(wanted)],
  }

  function markOf(sets: readonly PlainRecordSet[]): DynamicUpdate['adds'][number] {
    const digest = digestOf(linesOf(byType(sets)))
    return { name: mark, type: 'TXT', ttlSec: MARK_TTL_SEC, data: markText({ owner, digest }) }
  }
}

function records(sets: readonly PlainRecordSet[]): DynamicUpdate['adds'] {
  return sets.flatMap(({ name, type, ttlSec, values }) =>
    values.map((value) => ({ name, type, ttlSec, data: absolute(type, value) })),
  )
}

/** Names in data have no dot at their end here, and need one there. */
function absolute(type: PlainRecordSet['type'], value: string): string {
  if (type === 'CNAME') return `${value}.`
  if (type !== 'HTTPS' && type !== 'SVCB') return value
  const [priority = '', target = '', ...parameters] = value.split(' ')
  return [priority, target === '.' ? target : `${target}.`, ...parameters].join(' ')
}

function byType(sets: readonly PlainRecordSet[]): ReadonlyMap<string, StandingSet> {
  return new Map(sets.map(({ type, ttlSec, values }) => [type, { ttlSec, values }]))
}

function linesOf(sets: ReadonlyMap<string, StandingSet>): string[] {
  return Array.from(sets, ([type, { ttlSec, values }]) => values.map((value) => `${type} ${ttlSec} ${value}`))
    .flat()
    .sort()
}
