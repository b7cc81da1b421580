/** openapi.json as integrators read it: a number says its unit or what it counts, a null what it means. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Schema } from './generate/schema-table.ts'

const ROOT = join(import.meta.dirname, '..')
/** Their names say it: how many, of which kind, or which number in a row. */
const PLAIN = /^(?:total|port|ttlSec|revision|revisions|serial|limit|weight|priority|preference)$/

/** Path and name of each field of every object in there. */
function* fieldsIn(schema: unknown, path: string): Generator<{ path: string; name: string; field: Schema }> {
  if (typeof schema !== 'object' || schema === null) return
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties')
      for (const [name, field] of Object.entries(value as Record<string, Schema>))
        yield { path: `${path}.${name}`, name, field }
    yield* fieldsIn(value, key === 'properties' ? path : `${path}.${key}`)
  }
}

function mayBeNull({ type, anyOf = [] }: Schema): boolean {
  return (Array.isArray(type) && type.includes('null')) || anyOf.some((branch) => branch.type === 'null')
}

function isNumber({ type, anyOf = [] }: Schema): boolean {
  return [type].flat().some((one) => one === 'number' || one === 'integer') || anyOf.some(isNumber)
}

it('every number that does not say it by its name, and every null, is explained', () => {
  const document = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8')) as {
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
  }
  const fields = Object.entries(document.components.schemas).flatMap(([name, schema]) => [
    ...fieldsIn(schema, name),
  ])
  expect(fields.length).toBeGreaterThan(500)
  const unexplained = fields
    .filter(({ name, field }) => mayBeNull(field) || (isNumber(field) && !PLAIN.test(name)))
    .filter(({ field }) => field.description === undefined)
  expect(unexplained.map(({ path }) => path)).toEqual([])
})
