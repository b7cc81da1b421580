/**
 * Random values made from a JSON schema (the part of 2020-12 that openapi.json uses): mostly valid ones, and valid ones with
 * one thing broken. Strings for which only a format in words is known are drawn from names and addresses that exist or nearly do.
 */
import fc from 'fast-check'

export type Schema = {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
}

/** Words that mean something to the server: names of the sample, addresses, types, hostile text. */
const WORD_LIST = [
  ...[
    'ams',
    'fra',
    'web',
    'alive',
    'a',
    'b',
    'x1',
    'example.test',
    'www.example.test',
    '*.example.test',
    'deep.www.example.test',
  ],
  ...[
    '192.0.2.1',
    '2001:db8::1',
    '999.1.1.1',
    'fe80::1%eth0',
    '@',
    '*',
    'bücher.example.test',
    'A',
    'AAAA',
    'TXT',
  ],
  ...[
    "'; DROP TABLE resources; --",
    '{{1}}',
    '__proto__',
    'constructor',
    '',
    ' ',
    '\u0000',
    '\ud83d\ude00',
    '/',
    '..',
    '"x"',
    '50%',
    '200-299',
    '/health',
  ],
  ...[
    'web/a',
    'web/x1',
    'site/ams',
    'pool/web',
    'endpoint/web/a',
    'NL',
    'offices',
    'h2',
    '192.0.2.0/24',
    '2001:db8::/32',
  ],
]
const WORDS = fc.constantFrom(...WORD_LIST)

export function arbitraryOf(
  schema: Schema,
  schemas: Readonly<Record<string, Schema>>,
  depth = 0,
): fc.Arbitrary<unknown> {
  const inner = (one: Schema) => arbitraryOf(one, schemas, depth + 1)
  if (schema.$ref !== undefined) return inner(schemas[schema.$ref.replace('#/components/schemas/', '')] ?? {})
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const options = schema.anyOf ?? schema.oneOf
  if (options !== undefined) return fc.oneof(...options.map(inner))
  switch (schema.type) {
    case 'object':
      return objectOf(schema, inner)
    case 'array': {
      const { minItems = 0, maxItems = 3 } = schema
      return fc.array(inner(schema.items ?? {}), {
        minLength: minItems,
        maxLength: Math.min(maxItems, minItems + (depth > 4 ? 1 : 2)),
      })
    }
    case 'integer':
      return integerOf(schema)
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      return stringOf(schema)
    case undefined:
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

/** A valid value, and often one with something broken: a wrong type, a field more or less, quite another value. */
export function brokenOrNot(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const breaks = fc.constantFrom('none', 'none', 'none', 'drop', 'add', 'replace')
  return fc.oneof(
    { weight: 9, arbitrary: fc.tuple(valid, breaks, fc.nat(), fc.jsonValue({ maxDepth: 1 })).map(broken) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  )
}

function broken([value, how, pick, other]: [unknown, string, number, unknown]): unknown {
  if (how === 'none' || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const keys = Object.keys(value)
  const key = keys[pick % Math.max(1, keys.length)] ?? 'x'
  const entries = Object.entries(value).filter(([name]) => how === 'add' || name !== key)
  if (how === 'drop') return Object.fromEntries(entries)
  return Object.fromEntries([...entries, [how === 'add' ? `x${pick % 9}` : key, other]])
}

function objectOf(schema: Schema, inner: (one: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema
  const fields = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inner(one)]))
  const known = fc.record(fields, { requiredKeys: [...required] })
  if (typeof additionalProperties !== 'object') return known
  const more = fc.dictionary(WORDS, inner(additionalProperties), { maxKeys: 3 })
  return fc.tuple(known, more).map(([one, two]) => ({ ...two, ...one }))
}

function integerOf({ minimum = -1_000, maximum = 1_000 }: Schema): fc.Arbitrary<number> {
  const [min, max] = [Math.max(minimum, Number.MIN_SAFE_INTEGER), Math.min(maximum, Number.MAX_SAFE_INTEGER)]
  return fc.oneof(fc.integer({ min, max: Math.max(min, Math.min(max, min + 20)) }), fc.integer({ min, max }))
}

function stringOf({ pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  const free = fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 40), unit: 'binary' })
  if (pattern === undefined) return fc.oneof({ weight: 8, arbitrary: WORDS }, { weight: 1, arbitrary: free })
  const matching = fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: Math.min(maxLength, 60) })
  const names = WORD_LIST.filter((word) => new RegExp(pattern, 'u').test(word))
  if (names.length === 0) return matching
  return fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: matching })
}
