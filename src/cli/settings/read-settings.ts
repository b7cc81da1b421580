/**
 * The settings of a process from a file, the environment and the command line; the command line comes before the environment,
 * the environment before the file, the file before the default.
 * What must stay true: all faults of a place are told at once, in the file by line and column; what is not known is refused; a
 * fault never hides behind a value that overrides it.
 */
import type { z } from 'zod'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { faultsOfZodError } from '../../core/model/zod-faults.ts'
import { InputFaultsError } from '../files/input-faults-error.ts'
import { parseSource } from '../files/parse-source.ts'
import { readSources } from '../files/read-sources.ts'
import type { Io } from '../io.ts'
import { flagOf, valueOfText, variableOf, type Setting } from './setting.ts'

/** As commander gives them: text, list of texts, or true. */
export type Flags = Readonly<Record<string, unknown>>

type Values = Record<string, unknown>

export const CONFIG_VARIABLE = 'FAIRLEAD_CONFIG'

/** Throws CommandError (InputFaultsError for the file). `schema` is strict, with the defaults. */
export async function readSettings<S extends z.ZodObject>(
  { settings, schema }: { readonly settings: readonly Setting[]; readonly schema: S },
  flags: Flags,
  io: Io,
): Promise<z.output<S>> {
  const named = flags['config']
  const config = typeof named === 'string' ? named : io.environment[CONFIG_VARIABLE] || undefined
  const fromFile = config === undefined ? {} : await readFile(config, schema, io)
  const fromEnvironment: Values = {}
  const fromFlags: Values = {}
  for (const setting of settings) {
    const text = io.environment[variableOf(setting.key)]
    if (text !== undefined && text !== '')
      fromEnvironment[setting.key] = checked(
        setting,
        valueOfText(setting.kind, text),
        variableOf(setting.key),
      )
    const given = flags[setting.key]
    if (given !== undefined) {
      const value = typeof given === 'string' ? valueOfText(setting.kind, given) : given
      fromFlags[setting.key] = checked(setting, value, flagOf(setting.key))
    }
  }
  const merged = schema.safeParse({ ...fromFile, ...fromEnvironment, ...fromFlags })
  if (merged.success) return merged.data
  const [first] = faultsOfZodError(merged.error, schema)
  throw new CommandError(EXIT.badInput, sentenceOf(first?.pointer.slice(1) ?? '', first?.message ?? ''))
}

/** A setting that nobody gave, or two that do not go together. */
function sentenceOf(key: string, message: string): string {
  if (key === '') return message
  if (!message.startsWith('missing')) return `${flagOf(key)}: ${message}`
  return `${key} is needed: give ${flagOf(key)}, ${variableOf(key)}, or '${key}' in the file of --config`
}

function checked(setting: Setting, value: unknown, place: string): unknown {
  const result = setting.schema.safeParse(value)
  if (result.success) return value
  const [fault] = faultsOfZodError(result.error)
  throw new CommandError(EXIT.badInput, `${place}: ${fault?.message ?? 'not a value that it takes'}`)
}

async function readFile(path: string, schema: z.ZodObject, io: Io): Promise<Values> {
  const [source] = await readSources([path], io)
  if (source === undefined) return {}
  const { documents, faults } = parseSource(source)
  if (faults.length > 0) throw new InputFaultsError(faults)
  const [document, second] = documents
  if (document === undefined) return {}
  if (second !== undefined)
    throw new InputFaultsError([
      second.locate({ pointer: '', message: 'a second document: one is expected' }),
    ])
  const found = schema.partial().safeParse(document.value)
  if (!found.success)
    throw new InputFaultsError(faultsOfZodError(found.error, schema).map((fault) => document.locate(fault)))
  return document.value as Values
}
