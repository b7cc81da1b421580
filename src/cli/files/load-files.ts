/**
 * Several files, several documents in each, as one configuration document; and the way back from any resource to its place.
 * What must stay true: all faults are found in one run, and one mistake is one fault: a reference to something that is there
 * but faulty is no second fault.
 */
import { checkReferences } from '../../core/model/check-references.ts'
import { configurationOf } from '../../core/model/configuration.ts'
import { documentSchema, resourcesOfDocument, type Document } from '../../core/model/document.ts'
import { pointerTo, type Fault } from '../../core/model/fault.ts'
import { endpointKey, type Kind } from '../../core/model/resource.ts'
import { faultsOfZodError } from '../../core/model/zod-faults.ts'
import type { Io } from '../io.ts'
import { InputFaultsError } from './input-faults-error.ts'
import { parseSource, type ParsedDocument } from './parse-source.ts'
import { readSources } from './read-sources.ts'
import { wordOf } from '../../core/model/local-fault.ts'
import { itemsOf, LIST_OF, type Item } from './read-items.ts'
import type { LocatedFault, Source } from './source.ts'
import { withHint } from './with-hint.ts'

export interface LoadedFiles {
  readonly document: Document
  readonly sources: readonly Source[]
  /** The place of a fault in one resource (`fault.pointer` is relative to it); null for a resource that is in no file. */
  locate(resource: { readonly kind: Kind; readonly key: string }, fault: Fault): LocatedFault | null
}

export interface LoadOptions {
  /** True: what is referred to must be in the files. False: it may be on the server, which checks. */
  readonly selfContained: boolean
}

interface PlacedItem extends Item {
  readonly document: ParsedDocument
}

/** What was found in the files, and what is wrong with them; `files` then has what can be used of them, for checks alone. */
export interface ReadFiles {
  readonly files: LoadedFiles
  /** In order of file, line and column. */
  readonly faults: readonly LocatedFault[]
  /** Resources that are in the files, but so faulty that they are not in `files.document`. */
  readonly unusable: readonly { readonly kind: Kind; readonly name: string }[]
}

/** Throws InputFaultsError with every fault, or CommandError for what cannot be read at all. */
export async function loadFiles(
  paths: readonly string[],
  io: Io,
  options: LoadOptions,
): Promise<LoadedFiles> {
  const { files, faults } = await readFiles(paths, io, options)
  if (faults.length > 0) throw new InputFaultsError(faults)
  return files
}

/** Throws CommandError for what cannot be read at all. */
export async function readFiles(paths: readonly string[], io: Io, options: LoadOptions): Promise<ReadFiles> {
  const sources = await readSources(paths, io)
  const faults: LocatedFault[] = []
  const items: PlacedItem[] = []
  for (const source of sources) {
    const parsed = parseSource(source)
    faults.push(...parsed.faults)
    for (const document of parsed.documents) {
      const checked = documentSchema.safeParse(document.value)
      if (!checked.success)
        faults.push(
          ...faultsOfZodError(checked.error, documentSchema)
            .filter((fault) => !isRepetition(fault))
            .map((fault) => document.locate(withHint(fault, document.value))),
        )
      for (const item of itemsOf(document.value, checked)) items.push({ ...item, document })
    }
  }
  const places = placesOf(items, faults)
  const document = mergedDocument(items)
  const locate: LoadedFiles['locate'] = ({ kind, key }, fault) => {
    const place = places.get(placeKey(kind, key))
    return place?.document.locate({ ...fault, pointer: place.pointer + fault.pointer }) ?? null
  }
  if (options.selfContained) faults.push(...referenceFaults(document, items, locate))
  const unusable = items.flatMap(({ kind, name, spec }) =>
    spec === null && name !== null ? { kind, name } : [],
  )
  return { files: { document, sources, locate }, faults: inOrder(faults, sources), unusable }
}

/** The schema's own word on names that stand twice: said here instead, across documents and with places. */
function isRepetition(fault: Fault): boolean {
  return fault.pointer.endsWith('/name') && fault.message.startsWith('a second ')
}

type Places = Map<string, { readonly document: ParsedDocument; readonly pointer: string }>

/** The place of every resource by kind and key; a name that stands twice becomes a fault that names both places. */
function placesOf(items: readonly PlacedItem[], faults: LocatedFault[]): Places {
  const places: Places = new Map()
  const add = (kind: Kind, key: string, place: { document: ParsedDocument; pointer: string }) => {
    const first = places.get(placeKey(kind, key))
    if (first === undefined) {
      places.set(placeKey(kind, key), place)
      return
    }
    const word = wordOf(kind)
    const field = kind === 'settings' ? '' : '/name'
    const earlier = first.document.locate({ pointer: first.pointer + field, message: '' })
    const at = `${earlier.source.name}:${earlier.line}:${earlier.column}`
    const message = `a second ${word} '${key}': the first is at ${at} (expected: a name stands once)`
    faults.push(place.document.locate({ pointer: place.pointer + field, message }))
  }
  for (const { document, pointer, kind, name, endpoints } of items) {
    if (name === null) continue
    const isNew = !places.has(placeKey(kind, name))
    add(kind, name, { document, pointer })
    if (isNew)
      for (const [index, endpoint] of endpoints.entries())
        if (endpoint !== null)
          add('endpoint', endpointKey(name, endpoint), {
            document,
            pointer: pointerTo(pointer, 'endpoints', index),
          })
  }
  return places
}

function mergedDocument(items: readonly PlacedItem[]): Document {
  const merged: Record<string, unknown[]> = {}
  for (const list of Object.values(LIST_OF)) merged[list] = []
  let settings: unknown
  for (const { kind, spec } of items) {
    if (spec === null) continue
    if (kind === 'settings') settings = spec
    else merged[LIST_OF[kind]]?.push(spec)
  }
  return { ...merged, ...(settings !== undefined && { settings }) } as unknown as Document
}

function referenceFaults(
  document: Document,
  items: readonly PlacedItem[],
  locate: LoadedFiles['locate'],
): LocatedFault[] {
  const faulty = new Set<string>()
  for (const { kind, name, spec } of items)
    if (spec === null && name !== null) faulty.add(placeKey(kind, name))
  return (
    checkReferences(configurationOf(resourcesOfDocument(document)))
      // A TSIG key stands in no file: control looks whether it is there.
      .filter(({ missing }) => missing?.kind !== 'tsigKey')
      .filter(({ missing }) => missing === undefined || !faulty.has(placeKey(missing.kind, missing.key)))
      .flatMap((fault) => locate(fault, fault) ?? [])
  )
}

export function inOrder(faults: readonly LocatedFault[], sources: readonly Source[]): LocatedFault[] {
  const rank = new Map(sources.map((source, index) => [source, index]))
  const order = (fault: LocatedFault) => rank.get(fault.source) ?? 0
  return [...faults].sort((a, b) => order(a) - order(b) || a.line - b.line || a.column - b.column)
}

function placeKey(kind: Kind, key: string): string {
  return `${kind} ${key}`
}
