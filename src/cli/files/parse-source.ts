/**
 * YAML (and JSON, which is YAML) to values that still know their places.
 * What must stay true: every fault of the text has a line and a column; aliases cannot blow up into more than was written.
 */
import { LineCounter, parseAllDocuments, type Document, type YAMLError } from 'yaml'
import { reasonOf } from '../api/reason-of.ts'
import { locatePointer } from './locate-pointer.ts'
import type { LocatedFault, Source } from './source.ts'

/** One document of a source; `---` divides them. */
export interface ParsedDocument {
  readonly value: unknown
  /** The place of what a JSON pointer into `value` means. */
  locate(fault: { readonly pointer: string; readonly message: string }): LocatedFault
}

/** How often an alias may stand for others, multiplied out (yaml's own measure of a "billion laughs"). */
const MAX_ALIAS_COUNT = 100

/** Empty documents are left out. With faults in its text a source gives no document. */
export function parseSource(source: Source): { documents: ParsedDocument[]; faults: LocatedFault[] } {
  const lines = new LineCounter()
  const nodes = parseAllDocuments(source.text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const documents: ParsedDocument[] = []
  const faults: LocatedFault[] = []
  for (const node of Array.isArray(nodes) ? nodes : []) {
    const place = (fault: { pointer: string; message: string }, offset: number): LocatedFault => {
      const { line, col } = lines.linePos(offset)
      return { ...fault, source, line: Math.max(1, line), column: Math.max(1, col) }
    }
    for (const error of [...node.errors, ...node.warnings])
      faults.push(place({ pointer: '', message: `not valid YAML: ${sentenceOf(error)}` }, error.pos[0]))
    if (node.errors.length > 0 || node.warnings.length > 0) continue
    const value = valueOf(node)
    if (value.kind === 'fault') faults.push(place({ pointer: '', message: value.message }, 0))
    else if (value.value !== null)
      documents.push({
        value: value.value,
        locate: (fault) => {
          const prefer = fault.message.startsWith('unknown field') ? 'key' : 'value'
          return place(fault, locatePointer(node, fault.pointer, prefer))
        },
      })
  }
  return faults.length > 0 ? { documents: [], faults } : { documents, faults }
}

function valueOf(
  node: Document.Parsed,
): { kind: 'value'; value: unknown } | { kind: 'fault'; message: string } {
  try {
    return { kind: 'value', value: node.toJS({ maxAliasCount: MAX_ALIAS_COUNT }) as unknown }
  } catch (error) {
    return { kind: 'fault', message: `not valid YAML: ${reasonOf(error)}` }
  }
}

function sentenceOf(error: YAMLError): string {
  return error.message.charAt(0).toLowerCase() + error.message.slice(1)
}
