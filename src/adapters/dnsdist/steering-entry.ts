/**
 * From a record set to what dnsdist's threads do with queries for it. Pure.
 * What must stay true: only what is drawn by weight, by client or by its prefix, with addresses, in a zone that is not signed, is
 * answered there; everything else that differs from query to query is left to PowerDNS and kept out of the cache.
 */
import { createHash } from 'node:crypto'
import { leafValues, leavesOf, type RecordSet } from '../../core/dns/record-set.ts'
import type { ClientCondition, Leaf, Selector } from '../../core/steering/selector.ts'
import { leafText } from '../powerdns/lua-text.ts'
import { prefixText } from '../lua/lua-prefix.ts'

export type SteeringEntry =
  | {
      readonly kind: 'answer'
      readonly ttlSec: number
      /** All that it can answer with, each with a counter of its own. */
      readonly values: readonly string[]
      readonly code: string
      /** Prefix sets that the code names. */
      readonly sets: readonly PrefixSet[]
    }
  /** Left to PowerDNS, in no cache. */
  | { readonly kind: 'pass' }
  /** Left to PowerDNS; only counted. */
  | { readonly kind: 'count' }

export interface PrefixSet {
  readonly name: string
  readonly include: string
  readonly exclude: string
}

export const TYPE_NUMBERS = { A: 1, AAAA: 28, CNAME: 5, HTTPS: 65, SVCB: 64 } as const

export function steeringEntry(set: RecordSet, { signed }: { readonly signed: boolean }): SteeringEntry {
  if (set.kind === 'plain') return { kind: 'count' }
  if (set.kind === 'refused' || signed || (set.type !== 'A' && set.type !== 'AAAA')) return { kind: 'pass' }
  if (set.name.startsWith('*.') || !leavesOf(set.selector).every(isDrawable)) return { kind: 'pass' }
  const sets: PrefixSet[] = []
  const code = codeOf(set.selector, set.type, sets)
  if (code === null) return { kind: 'pass' }
  const values = [...new Set(leavesOf(set.selector).flatMap(leafValues))].sort()
  return { kind: 'answer', ttlSec: set.ttlSec, values, code, sets }
}

/** Where clients are is known to PowerDNS alone. */
function isDrawable({ kind }: Leaf): boolean {
  return kind === 'weighted' || kind === 'sticky' || kind === 'values'
}

/** A chunk that returns the function which chooses; null: it asks for something that is not known here. */
function codeOf(selector: Selector, type: 'A' | 'AAAA', sets: PrefixSet[]): string | null {
  // What is chosen from stands before the function: it is made once, not for each query.
  const tables: string[] = []
  const text = (leaf: Leaf) =>
    leafText(leaf, { type, library: 'F' }).replace(/\{[^{}]*\}/, (table) => `T[${tables.push(table)}]`)
  const statements: string[] = []
  if (selector.kind === 'by-client') {
    for (const { when, then } of selector.branches) {
      const set = prefixSetOf(when)
      if (set === null) return null
      sets.push(set)
      statements.push(`if F.m('${set.name}') then ${text(then)} end`)
    }
    statements.push(text(selector.otherwise))
  } else statements.push(text(selector))
  return `local T={${tables.join(',')}} return function() ${statements.join(' ')} end`
}

function prefixSetOf(condition: ClientCondition): PrefixSet | null {
  if (condition.kind !== 'prefixes') return null
  const include = condition.include.map(prefixText).join(' ')
  const exclude = condition.exclude.map(prefixText).join(' ')
  const name = createHash('sha256').update(`${include}\n${exclude}`).digest('hex').slice(0, 16)
  return { name, include, exclude }
}
