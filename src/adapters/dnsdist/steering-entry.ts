/**
 * From a record set to what dnsdist's threads do with queries for it. Pure.
 * What must stay true: only addresses in a zone that is not signed are answered there: those that are the same for all, and what is
 * drawn by weight, by client or by its prefix; everything else that differs from query to query is left to PowerDNS and kept out of
 * the cache.
 */
import { createHash } from 'node:crypto'
import { leafValues, leavesOf, type PlainRecordSet, type RecordSet } from '../../core/dns/record-set.ts'
import type { ClientCondition, Leaf, Selector } from '../../core/steering/selector.ts'
import { leafText } from '../powerdns/lua-text.ts'
import { prefixText } from '../lua/lua-prefix.ts'

export type SteeringEntry =
  | {
      readonly kind: 'answer'
      readonly ttlSec: number
      /** All that it can answer with, each with a counter of its own; none where it answers with all of them each time. */
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

/** An answer without EDNS is at most so long (RFC 1035 2.3.4). */
const SMALLEST_LIMIT = 512
/** Header, type and class of the question, EDNS; each answer beside its address. */
const FIXED_BYTES = 12 + 4 + 2 + 11
const ANSWER_BYTES = 12

export function steeringEntry(set: RecordSet, { signed }: { readonly signed: boolean }): SteeringEntry {
  const { name, type, ttlSec } = set
  const isHere = !signed && !name.startsWith('*.') && (type === 'A' || type === 'AAAA')
  if (set.kind === 'plain') {
    if (!isHere || !fits(set)) return { kind: 'count' }
    const code = codeOf({ kind: 'values', values: set.values }, type, [])
    return code === null ? { kind: 'count' } : { kind: 'answer', ttlSec, values: [], code, sets: [] }
  }
  if (set.kind === 'refused' || !isHere || !leavesOf(set.selector).every(isDrawable)) return { kind: 'pass' }
  const sets: PrefixSet[] = []
  const code = codeOf(set.selector, type, sets)
  if (code === null) return { kind: 'pass' }
  const values = [...new Set(leavesOf(set.selector).flatMap(leafValues))].sort()
  return { kind: 'answer', ttlSec, values, code, sets }
}

/** Into whatever any client takes: what does not is cut off by PowerDNS, and kept in the cache as it is then. */
function fits({ name, type, values }: PlainRecordSet): boolean {
  const each = ANSWER_BYTES + (type === 'A' ? 4 : 16)
  return FIXED_BYTES + name.length + values.length * each <= SMALLEST_LIMIT
}

/** Where clients are is known to PowerDNS alone. */
function isDrawable({ kind }: Leaf): boolean {
  return kind === 'weighted' || kind === 'sticky' || kind === 'values'
}

/**
 * A chunk that returns the branches in order, each with its set of prefixes (false: all clients) and with what is chosen from, as
 * data: LuaJIT compiles what works on data once, and a function for each name again and again. null: it asks for something that is
 * not known here.
 */
function codeOf(selector: Selector, type: 'A' | 'AAAA', sets: PrefixSet[]): string | null {
  const branch = (set: string, leaf: Leaf) =>
    `{${set},(function() ${leafText(leaf, { type, library: 'F' })} end)()}`
  if (selector.kind !== 'by-client') return `return {${branch('false', selector)}}`
  const branches: string[] = []
  for (const { when, then } of selector.branches) {
    const set = prefixSetOf(when)
    if (set === null) return null
    sets.push(set)
    branches.push(branch(`'${set.name}'`, then))
  }
  return `return {${[...branches, branch('false', selector.otherwise)].join(',')}}`
}

function prefixSetOf(condition: ClientCondition): PrefixSet | null {
  if (condition.kind !== 'prefixes') return null
  const include = condition.include.map(prefixText).join(' ')
  const exclude = condition.exclude.map(prefixText).join(' ')
  const name = createHash('sha256').update(`${include}\n${exclude}`).digest('hex').slice(0, 16)
  return { name, include, exclude }
}
