/**
 * The settings of a process from a file, the environment and the command line; the command line comes before the environment,
 * the environment before the file, the file before the default.
 * What must stay true: all faults of all places are told at once, in the file by line and column; what is not known is refused; a
 * fault never hides behind a value that overrides it.
 */
import { z } from 'zod'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { faultsOfZodError } from '../../core/model/zod-faults.ts'
import { InputFaultsError } from '../files/input-faults-error.ts'
import { parseSource } from '../files/parse-source.ts'
import { readSources } from '../files/read-sources.ts'
import type { LocatedFault } from '../files/source.ts'
import type { Io } from '../io.ts'
import { flagOf, valueOfText, variableOf, type Setting } from './setting.ts'

/** As commander gives them: text, list of texts, or true. */
export type Flags = Readonly<Record<string, unknown>>

type Values = Record<string, unknown>

export const CONFIG_VARIABLE = 'FAIRLEAD_CONFIG'

/** What the settings of a process are: where they come from, and what they have to be. */
export interface SettingsTable<S extends z.ZodObject> {
  readonly settings: readonly Setting[]
  /** Strict, with the defaults. */
  readonly schema: S
  /** What does not go together, a sentence each: asked once each value by itself is right. */
  readonly together?: (values: z.output<S>) => readonly string[]
}

/** Throws CommandError (InputFaultsError where the file has faults) with all that is wrong. */
export async function readSettings<S extends z.ZodObject>(
  table: SettingsTable<S>,
  flags: Flags,
  io: Io,
): Promise<z.output<S>> {
  const { settings, schema } = table
  const named = flags['config']
  const config = typeof named === 'string' ? named : io.environment[CONFIG_VARIABLE] || undefined
  const file = config === undefined ? NO_FILE : await readFile(config, schema, io)
  const places = settings.map((setting) => valuesOf(setting, flags, io))
  const wrong = places.flatMap(({ faults }) => faults)
  const merged = { ...file.values, ...Object.fromEntries(places.flatMap(({ values }) => values)) }
  const parsed = schema.safeParse(merged)
  const missing = Object.keys(schema.shape).filter((key) => merged[key] === undefined)
  const needed = parsed.success
    ? []
    : faultsOfZodError(parsed.error, schema).flatMap(({ pointer }) => {
        const key = pointer.slice(1)
        return missing.includes(key) ? [neededSentence(key)] : []
      })
  const apart = parsed.success ? (table.together?.(parsed.data) ?? []) : []
  const sentences = [...wrong, ...needed, ...apart]
  if (file.faults.length > 0) throw new InputFaultsError(file.faults, { others: sentences })
  if (sentences.length > 0) throw new CommandError(EXIT.badInput, sentences.join('\n'))
  return schema.parse(merged)
}

/** From the environment, then from the command line: later ones come before earlier ones. */
function valuesOf(
  setting: Setting,
  flags: Flags,
  io: Io,
): { readonly values: [string, unknown][]; readonly faults: string[] } {
  const values: [string, unknown][] = []
  const faults: string[] = []
  const take = (place: string, value: unknown) => {
    const result = setting.schema.safeParse(value)
    if (result.success) values.push([setting.key, value])
    else faults.push(...faultsOfZodError(result.error).map(({ message }) => `${place}: ${message}`))
  }
  const text = io.environment[variableOf(setting.key)]
  if (text !== undefined && text !== '') take(variableOf(setting.key), valueOfText(setting.kind, text))
  const given = flags[setting.key]
  if (given !== undefined)
    take(flagOf(setting.key), typeof given === 'string' ? valueOfText(setting.kind, given) : given)
  // It was given, if not well: it is not needed as well.
  if (faults.length > 0) values.push([setting.key, null])
  return { values, faults }
}

function neededSentence(key: string): string {
  return `${key} is needed: give ${flagOf(key)}, ${variableOf(key)}, or '${key}' in the file of --config`
}

interface FromFile {
  readonly values: Values
  readonly faults: readonly LocatedFault[]
}

const NO_FILE: FromFile = { values: {}, faults: [] }

async function readFile(path: string, schema: z.ZodObject, io: Io): Promise<FromFile> {
  const [source] = await readSources([path], io)
  if (source === undefined) return NO_FILE
  const { documents, faults } = parseSource(source)
  if (faults.length > 0) throw new InputFaultsError(faults)
  const [document, second] = documents
  if (document === undefined) return NO_FILE
  if (second !== undefined)
    return {
      values: {},
      faults: [second.locate({ pointer: '', message: 'a second document: one is expected' })],
    }
  const found = schema.partial().safeParse(document.value)
  return {
    values: z.record(z.string(), z.unknown()).safeParse(document.value).data ?? {},
    faults: found.success ? [] : faultsOfZodError(found.error, schema).map((fault) => document.locate(fault)),
  }
}
