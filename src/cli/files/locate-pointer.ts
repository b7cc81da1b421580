/**
 * From a JSON pointer to the place in YAML text that it means.
 * What must stay true: every pointer has a place. Where the text has nothing at it (a field that is missing), the place is
 * that of the nearest thing around it.
 */
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type Pair,
} from 'yaml'

/** Offset of the value at `pointer`, or of its key when `prefer` is 'key' or the value is a block of its own. */
export function locatePointer(
  document: Document.Parsed,
  pointer: string,
  prefer: 'key' | 'value' = 'value',
): number {
  let place = document.contents?.range[0] ?? document.range[0]
  let node: unknown = document.contents
  const segments = segmentsOf(pointer)
  for (const [index, segment] of segments.entries()) {
    const found = stepInto(resolved(node, document), segment)
    if (found === null) return place
    const { key, value } = found
    const wantsKey = key !== null && ((prefer === 'key' && index === segments.length - 1) || isBlock(value))
    place = (wantsKey ? startOf(key) : (startOf(value) ?? startOf(key))) ?? place
    node = value
  }
  return place
}

export function segmentsOf(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function stepInto(node: unknown, segment: string): { key: unknown; value: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find((item: Pair) => keyText(item.key) === segment)
    return pair === undefined ? null : { key: pair.key, value: pair.value }
  }
  if (isSeq(node) && /^\d+$/.test(segment)) {
    const value = node.items[Number(segment)]
    return value === undefined ? null : { key: null, value }
  }
  return null
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key)
}

function resolved(node: unknown, document: Document.Parsed): unknown {
  return isAlias(node) ? node.resolve(document) : node
}

/** A map or list that starts below its key, or an empty value: its key says more than its start. */
function isBlock(node: unknown): boolean {
  if (isCollection(node)) return node.flow !== true
  return isScalar(node) && node.source === ''
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined
}
