/**
 * JSON Schema to Markdown: one row a field, nested fields by their path. It reads what zod writes and nothing more exotic.
 * What must stay true: the same schema gives the same text, and no limit of a field is left out.
 */
import { IDENTIFIER_PATTERN as NAME } from '../../src/core/model/scalars.ts'

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly propertyNames?: Schema
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
}

export interface TableContext {
  /** The schemas that `$ref` names, by their last path segment. */
  readonly definitions: Readonly<Record<string, Schema>>
  /** Those that have a section of their own, to be linked; the others are written out in place. */
  readonly sections: ReadonlySet<string>
}

interface Row {
  readonly path: string
  readonly type: string
  readonly fallback: string
  readonly meaning: string
}

/** The variants of a discriminated union, by the values of their discriminators; null when it is none. */
export function variantsOf(schema: Schema): ReadonlyMap<string, Schema> | null {
  const branches = leavesOf(schema)
  if (branches === null) return null
  const variants = new Map<string, Schema>()
  for (const branch of branches) {
    const values = discriminatorsOf(branch)
    if (values.length === 0) return null
    variants.set(values.join(' '), branch)
  }
  return variants
}

/** Of a union, and of the unions within it; null: it is none. */
function leavesOf(schema: Schema): Schema[] | null {
  const branches = schema.oneOf ?? schema.anyOf
  return branches?.flatMap((branch) => leavesOf(branch) ?? [branch]) ?? null
}

function discriminatorsOf({ properties = {} }: Schema): string[] {
  return Object.values(properties).flatMap((field) => (typeof field.const === 'string' ? [field.const] : []))
}

/** Markdown table of the fields of an object schema. */
export function fieldTable(schema: Schema, context: TableContext): string {
  const rows = fieldsOf(schema, '', context)
  if (rows.length === 0) return 'No fields.\n'
  const lines = rows.map((row) => `| \`${row.path}\` | ${row.type} | ${row.fallback} | ${row.meaning} |`)
  return ['| field | type | default | meaning and limits |', '|---|---|---|---|', ...lines, ''].join('\n')
}

function fieldsOf(schema: Schema, prefix: string, context: TableContext): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const required = schema.required?.includes(name) === true
    const path = `${prefix}${name}`
    const row: Row = {
      path,
      type: typeOf(field, context),
      fallback: fallbackOf(field, required),
      meaning: meaningOf(field, context),
    }
    return [row, ...nestedOf(field, path, context)]
  })
}

function nestedOf(field: Schema, path: string, context: TableContext): Row[] {
  const name = refName(field)
  if (name !== null) {
    const target = context.definitions[name]
    return target === undefined || context.sections.has(name) ? [] : nestedOf(target, path, context)
  }
  if (field.properties !== undefined) return fieldsOf(field, `${path}.`, context)
  if (field.items !== undefined) return nestedOf(field.items, `${path}[]`, context)
  const variants = variantsOf(field)
  // Such as a word or an object.
  if (variants === null) return leavesOf(field)?.flatMap((branch) => nestedOf(branch, path, context)) ?? []
  return [...variants].flatMap(([value, variant]) =>
    fieldsOf(variant, `${path}.`, context)
      .filter((row) => !discriminatorsOf(variant).includes(row.type.replaceAll('`', '')))
      .map((row) => ({ ...row, meaning: [`Only for \`${value}\`.`, row.meaning].filter(Boolean).join(' ') })),
  )
}

/** The type in words: "list of strings", "`GET` or `HEAD`", a link to the section of a schema. */
export function typeOf(schema: Schema, context: TableContext): string {
  const name = refName(schema)
  if (name !== null)
    return context.sections.has(name)
      ? `[${name}](#${name.toLowerCase()})`
      : typeOf(context.definitions[name] ?? {}, context)
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const).replaceAll('"', '')}\``
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {}, context)}`
  const variants = variantsOf(schema)
  if (variants !== null)
    return `object of kind ${[...variants.keys()].map((value) => `\`${value}\``).join(', ')}`
  const branches = schema.oneOf ?? schema.anyOf
  if (branches !== undefined)
    return [...new Set(branches.map((branch) => typeOf(branch, context)))].join(' or ')
  if (Array.isArray(schema.type)) return schema.type.join(' or ')
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object')
    return `map of name to ${typeOf(schema.additionalProperties, context)}`
  return typeof schema.type === 'string' ? schema.type : 'any value'
}

/** What a parameter may be, and is when it is absent; a pattern only where there are words for it. */
export function boundsText(field: Schema): string {
  const fallback = field.default === undefined ? [] : [`default ${JSON.stringify(field.default)}`]
  return [...limitsOf(field).filter((limit) => !limit.startsWith('pattern ')), ...fallback].join('; ')
}

function fallbackOf(field: Schema, required: boolean): string {
  if (field.default !== undefined) return `\`${escapeCell(JSON.stringify(field.default))}\``
  return required ? 'required' : 'none'
}

function meaningOf(field: Schema, context: TableContext): string {
  const limits = limitsOf(field).join('; ')
  const target = context.definitions[refName(field) ?? '']
  const text =
    field.description ??
    field.items?.description ??
    target?.description ??
    (field.const === undefined ? '' : 'Which variant this is.')
  const sentence = text === '' || text.endsWith('.') ? text : `${text}.`
  return escapeCell([sentence, limits === '' ? '' : `${capitalise(limits)}.`].filter(Boolean).join(' '))
}

/** Patterns that are told better in words. */
const PATTERNS: Readonly<Record<string, string>> = {
  [`^${NAME}$`]: 'a name: 1 to 63 of a-z, 0-9, dot, dash, underscore',
  [`^${NAME}\\/${NAME}$`]: 'two names with a slash between them',
  [`^(?:site\\/${NAME}|pool\\/${NAME}|endpoint\\/${NAME}\\/${NAME})$`]:
    'the kind and its names, with slashes',
  [`^(?:(?:site|monitor|pool|client-map)\\/${NAME}|(?:zone|load-balancer)\\/(?:\\*\\.)?[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*)$`]:
    'the kind and its name, with a slash',
  '^[\\x20-\\x7e]*$': 'printable ASCII',
  '^[\\x20-\\x7e\\t]*$': 'printable ASCII on one line',
}

function limitsOf(field: Schema): string[] {
  const limits: string[] = []
  const range = (low: number | undefined, high: number | undefined, unit: string) => {
    // zod writes the safe integers as limits of every integer: no limit that anybody chose.
    const from = low === undefined || low === Number.MIN_SAFE_INTEGER ? undefined : low
    const to = high === undefined || high === Number.MAX_SAFE_INTEGER ? undefined : high
    if (from !== undefined && to !== undefined)
      limits.push(
        from === to
          ? `exactly ${from}${from === 1 ? unit.replace(/s$/, '') : unit}`
          : `${from} to ${to}${unit}`,
      )
    else if (to !== undefined) limits.push(`at most ${to}${unit}`)
    else if (from !== undefined && !(from === 0 && unit === ''))
      limits.push(from === 1 && unit !== '' ? 'not empty' : `at least ${from}${unit}`)
  }
  range(field.minimum, field.maximum, '')
  range(field.minLength, field.maxLength, ' characters')
  range(field.minItems, field.maxItems, ' items')
  if (field.pattern !== undefined) limits.push(PATTERNS[field.pattern] ?? `pattern \`${field.pattern}\``)
  if (field.items !== undefined) limits.push(...limitsOf(field.items).map((limit) => `each ${limit}`))
  for (const branch of field.anyOf ?? []) limits.push(...limitsOf(branch))
  if (typeof field.additionalProperties === 'object') {
    limits.push(...limitsOf(field.propertyNames ?? {}).map((limit) => `each name: ${limit}`))
    limits.push(...limitsOf(field.additionalProperties).map((limit) => `each value: ${limit}`))
  }
  return limits
}

/** Last segment of a `$ref`; null when the schema is none. */
export function refName(schema: Schema): string | null {
  return schema.$ref === undefined ? null : (schema.$ref.split('/').at(-1) ?? null)
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
