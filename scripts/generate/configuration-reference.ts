/** docs/reference/configuration.md from the schemas of src/core/model, with the examples of examples/reference. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { documentSchema } from '../../src/core/model/document.ts'
import { fieldTable, variantsOf, type Schema, type TableContext } from './schema-table.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples/reference')

/** Every schema with a section, in the order of the page. */
const SECTIONS = [
  'Document',
  'Settings',
  'Site',
  'Zone',
  'Dnssec',
  'StaticRecord',
  'Transfers',
  'Secondary',
  'Updates',
  'UpdateTarget',
  'Monitor',
  'Pool',
  'Endpoint',
  'LoadBalancer',
  'Policy',
  'WhenDown',
  'ClientMap',
  'Override',
  'Drain',
  'Rule',
  'Protection',
] as const

/** The file in examples/reference that shows a schema, or one variant of it. */
function exampleOf(name: string): string {
  const text = readFileSync(join(EXAMPLES, `${name}.yaml`), 'utf8')
  return ['```yaml', text.trimEnd(), '```', ''].join('\n')
}

const INTRODUCTION = `# Configuration reference

A configuration is one document, in YAML or JSON, or several that are merged: \`fairlead apply -f\` takes files, folders and
standard input. The same fields are the bodies of the API. Unknown fields are refused, and all faults of a file are shown at
once. Times end in their unit: \`timeoutMs\`, \`ttlSec\`.

Every example on this page is a whole document: \`fairlead validate -f\` accepts it as it stands, and a test says so.
`

/** The page as text. */
export function configurationReference(): string {
  const { $defs = {} } = z.toJSONSchema(documentSchema, { io: 'input' }) as {
    $defs?: Record<string, Schema>
  }
  const context: TableContext = { definitions: $defs, sections: new Set(SECTIONS) }
  const forgotten = Object.keys($defs).filter((name) => !context.sections.has(name))
  if (forgotten.length > 0)
    throw new Error(`no section of the configuration reference for: ${forgotten.join(', ')}`)
  return [INTRODUCTION, ...SECTIONS.map((name) => sectionOf(name, context))].join('\n')
}

function sectionOf(name: string, context: TableContext): string {
  const schema = context.definitions[name]
  if (schema === undefined) throw new Error(`there is no schema '${name}' any more`)
  const head = [`## ${name}`, '', schema.description ?? '', '']
  const variants = variantsOf(schema)
  if (variants === null) return [...head, fieldTable(schema, context), exampleOf(fileName(name))].join('\n')
  const parts = [...variants].flatMap(([value, variant]) => [
    `### ${name}: ${value}`,
    '',
    ...(variant.description === undefined ? [] : [variant.description, '']),
    fieldTable(variant, context),
    exampleOf(`${fileName(name)}-${value.toLowerCase()}`),
  ])
  return [...head, ...parts].join('\n')
}

function fileName(schemaName: string): string {
  return schemaName.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
}
