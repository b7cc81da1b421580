/** From what each kind of client gets to the record set: plain wherever that is the same for all. */
import type { RecordSet, SteeredType } from '../dns/record-set.ts'
import { simplify, type Branch, type Leaf } from './selector.ts'

export interface RecordHead {
  readonly name: string
  readonly type: SteeredType
  readonly ttlSec: number
}

/** null: no client is answered with anything (NODATA). */
export function recordOf(
  head: RecordHead,
  { branches, otherwise }: { readonly branches: readonly Branch[]; readonly otherwise: Leaf },
): RecordSet | null {
  const selector = simplify(branches.length === 0 ? otherwise : { kind: 'by-client', branches, otherwise })
  switch (selector.kind) {
    case 'empty':
      return null
    case 'values':
      return { kind: 'plain', ...head, values: selector.values }
    case 'refuse':
      return { kind: 'refused', ...head }
    case 'weighted':
    case 'sticky':
    case 'nearest':
    case 'by-client':
      return { kind: 'steered', ...head, selector }
  }
}
