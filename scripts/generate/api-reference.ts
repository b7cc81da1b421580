/** docs/reference/api.md from the OpenAPI document. */
import { PROBLEMS } from '../../src/control/problem-error.ts'
import {
  boundsText,
  fieldTable,
  refName,
  typeOf,
  variantsOf,
  type Schema,
  type TableContext,
} from './schema-table.ts'

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
  readonly description?: string
}
interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: Schema
}
interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Content
  readonly responses?: Readonly<Record<string, Content>>
  readonly security?: readonly unknown[]
}
export interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
  readonly security?: readonly unknown[]
}

const INTRODUCTION = `# API reference

Generated from \`openapi.json\`, which a running Fairlead serves at \`/v1/openapi.json\`. Requests carry
\`Authorization: Bearer TOKEN\`; the first token is in the file \`token\` of the data directory.

## What holds for all of it

- **Errors** are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problems, a [Problem](#problem) in \`application/problem+json\`. Every
  request may get one, so the tables below leave them out. \`type\` says which it is, and does not change:

PROBLEMS

- **After a write that got a 503, or no reply,** it may be open whether it was kept: \`detail\` says so. A change set with an \`id\` may be
  sent again as it is; before anything else is repeated, read what is there.
- **Sent twice, done once:** a change set with the same \`id\`, token and changes gives the outcome of the first, for as long as its
  revision is kept. Anything else under that \`id\` is refused (409).
- **Two at once:** a resource has an \`ETag\`. \`If-Match\` on a write refuses it when somebody else was there first (412);
  \`If-None-Match: *\` creates only.
- **Pages:** \`next\` of a page is the \`after\` of the next one; null: that was the last. \`limit\` bounds a page.
- **Too many attempts** without a valid token get a 429 with \`Retry-After\`, in seconds.
- **Events:** \`GET /v1/events\` is a stream of server-sent events. Its ids are of one control, which keeps the last 10,000; at another one
  read \`/v1/status\` anew. Beyond 256 clients a control refuses the next (503).
- **Bodies** may have 1 MiB; change sets, zones, pools, client maps and simulations 10 MiB.
- **Within \`/v1\`** fields, routes and kinds of problems are added; none is taken away or means something else. Pass over what you do not
  know. A request with an unknown field or parameter is refused, so that a misspelt one is seen.
`

function problemTable(): string {
  const rows = Object.entries(PROBLEMS).map(
    ([kind, { status, title }]) => `  | \`urn:fairlead:problem:${kind}\` | ${status} | ${title} |`,
  )
  return ['  | type | status | meaning |', '  |---|---|---|', ...rows].join('\n')
}

/** The page as text. */
export function apiReference(document: OpenApi): string {
  const schemas = document.components?.schemas ?? {}
  const context: TableContext = { definitions: schemas, sections: new Set(Object.keys(schemas)) }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      operationText({ heading: `${method.toUpperCase()} ${path}`, operation }, document, context),
    ),
  )
  const shapes = Object.entries(schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => shapeText(name, schema, context))
  return [
    INTRODUCTION.replace('PROBLEMS', problemTable),
    '## Requests',
    '',
    ...operations,
    '## Shapes',
    '',
    ...shapes,
  ].join('\n')
}

function operationText(
  { heading, operation }: { readonly heading: string; readonly operation: Operation },
  document: OpenApi,
  context: TableContext,
): string {
  const lines = [`### ${heading}`, '']
  for (const text of [operation.summary, operation.description]) if (text !== undefined) lines.push(text, '')
  if ((operation.security ?? document.security ?? []).length === 0) lines.push('Needs no token.', '')
  const parameters = operation.parameters ?? []
  if (parameters.length > 0) {
    lines.push('| parameter | in | type | meaning |', '|---|---|---|---|')
    for (const one of parameters)
      lines.push(
        `| \`${one.name}\` | ${one.in} | ${typeOf(one.schema ?? {}, context)} | ${parameterText(one)} |`,
      )
    lines.push('')
  }
  const body = contentText(operation.requestBody, context)
  if (body !== '') lines.push(`Body: ${body}`, '')
  lines.push('| status | reply | body |', '|---|---|---|')
  for (const [status, response] of Object.entries(operation.responses ?? {}))
    if (!/^[45]XX$/.test(status))
      lines.push(`| ${status} | ${replyText(response)} | ${contentText(response, context)} |`)
  return [...lines, ''].join('\n')
}

function parameterText({ description, schema = {} }: Parameter): string {
  const text = description ?? schema.description ?? ''
  const bounds = boundsText(schema)
  return (bounds === '' ? text : `${text} (${bounds})`).replaceAll('|', '\\|')
}

/** What Fastify writes where nobody wrote anything says nothing. */
function replyText({ description = '' }: Content): string {
  return description === 'Default Response' ? 'Done' : description.replaceAll('|', '\\|')
}

function contentText(content: Content | undefined, context: TableContext): string {
  return Object.entries(content?.content ?? {})
    .map(([type, { schema }]) => `\`${type}\`${schema === undefined ? '' : `: ${bodyType(schema, context)}`}`)
    .join(', ')
}

/** A body that has no name is told by its fields. */
function bodyType(schema: Schema, context: TableContext): string {
  if (schema.properties === undefined) return typeOf(schema, context)
  const fields = Object.entries(schema.properties).map(
    ([name, field]) => `\`${name}\` (${typeOf(field, context)})`,
  )
  return `object with ${fields.join(', ')}`
}

function shapeText(name: string, schema: Schema, context: TableContext): string {
  const head = [`### ${name}`, '', ...(schema.description === undefined ? [] : [schema.description, ''])]
  const variants = variantsOf(schema)
  if (variants !== null)
    return [
      ...head,
      ...[...variants].flatMap(([value, variant]) => [`\`${value}\`:`, '', fieldTable(variant, context)]),
    ].join('\n')
  if (schema.properties !== undefined) return [...head, fieldTable(schema, context)].join('\n')
  const target = refName(schema)
  return [...head, target === null ? typeOf(schema, context) : `As ${target}.`, ''].join('\n')
}
