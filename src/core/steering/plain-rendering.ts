/**
 * Record sets without anything that is chosen for each query: what servers get that know no steering. Pure.
 * What must stay true: it is the answer for clients that no rule is about, and never empty where any client is answered; the same
 * records give the same rendering.
 */
import {
  leafValues,
  leavesOf,
  type OwnerRecords,
  type PlainRecordSet,
  type SteeredRecordSet,
} from '../dns/record-set.ts'
import type { Leaf } from './selector.ts'

/**
 * `answers`: of what is chosen from, so many at most, the heaviest first; all if absent. `stands`: what a record set that is
 * refused is rendered as, because "no answer" cannot be written into a zone file; null: it is left out.
 */
export function plainRendering(
  records: OwnerRecords,
  answers: number | undefined,
  stands: (type: PlainRecordSet['type']) => PlainRecordSet | null = () => null,
): PlainRecordSet[] {
  return records.flatMap((set): PlainRecordSet[] => {
    if (set.kind === 'plain') return [set]
    const { name, type, ttlSec } = set
    if (set.kind === 'refused') return [stands(type)].filter((one) => one !== null)
    const values = valuesFor(set, answers)
    return values.length === 0 ? [] : [{ kind: 'plain', name, type, ttlSec, values }]
  })
}

function valuesFor({ selector, type }: SteeredRecordSet, answers = Infinity): string[] {
  // The one for all others comes last: those for whom no rule is are most.
  const leaf = leavesOf(selector).findLast((one) => leafValues(one).length > 0)
  if (leaf === undefined) return []
  // A name has one CNAME at most (RFC 1034 3.6.2).
  const most = type === 'CNAME' ? 1 : answers
  const values = leaf.kind === 'values' ? leaf.values : heaviestFirst(leaf)
  return [...new Set(values)].slice(0, most).sort()
}

function heaviestFirst(leaf: Exclude<Leaf, { kind: 'values' }>): readonly string[] {
  if (leaf.kind !== 'weighted' && leaf.kind !== 'sticky') return [...leafValues(leaf)].sort()
  return [...leaf.choices]
    .sort((a, b) => b.weight - a.weight || (a.value < b.value ? -1 : 1))
    .map(({ value }) => value)
}
