/**
 * Ten thousand random requests, made from the API's own description. Whatever comes: never a 5xx, and every reply is one that
 * the description allows, in status, media type and body.
 */
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { Agent, request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { arbitraryOf, brokenOrNot, type Schema } from './api-schema-arbitrary.ts'
import { sampleChanges, startApi, type ApiRig } from './api-rig.ts'

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
}
interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content>>
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}
interface Request {
  readonly method: string
  readonly path: string
  readonly operation: Operation
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}
interface Reply {
  readonly status: number
  readonly type: string
  readonly text: string
}

const REQUESTS = 10_000

let rig: ApiRig
let description: Description
const agent = new Agent({ keepAlive: true, maxSockets: 8 })
beforeAll(async () => {
  rig = await startApi()
  await rig.send('POST', '/v1/change-sets', { body: { changes: sampleChanges() } })
  description = (await rig.send('GET', '/v1/openapi.json')).body as Description
})
afterAll(async () => {
  agent.destroy()
  await rig.stop()
})

it('is a valid OpenAPI 3.1 description', async () => {
  const result = await new Validator().validate(structuredClone(description) as never)
  expect(result).toEqual({ valid: true })
})

it('never fails, and replies only what its description says', { timeout: 180_000 }, async () => {
  const validate = replyValidator(description)
  const seen = new Map<number, number>()
  const requests = requestArbitrary(description)
  await fc.assert(
    fc.asyncProperty(fc.array(requests, { minLength: 20, maxLength: 20 }), async (batch) => {
      const replies = await Promise.all(batch.map(send))
      for (const [index, reply] of replies.entries()) {
        const request = batch[index]!
        seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1)
        expect(reply.status, `${request.method} ${request.path}`).toBeLessThan(500)
        expect(
          validate(request, reply),
          `${request.method} ${request.path} ${request.body ?? ''} -> ${reply.status} ${reply.text}`,
        ).toEqual([])
      }
    }),
    { numRuns: REQUESTS / 20, endOnFailure: true },
  )
  // The test would mean little if everything were refused.
  for (const status of [200, 201, 400, 401, 404, 409, 412, 422]) expect([...seen.keys()]).toContain(status)
  expect(seen.get(200)).toBeGreaterThan(REQUESTS / 20)
})

function requestArbitrary({ paths, components }: Description): fc.Arbitrary<Request> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  // A stream does not end: it has tests of its own.
  const finite = operations.filter(({ path }) => path !== '/v1/events')
  const ofEach = finite.map(({ path, method, operation }) => {
    const parameters = operation.parameters ?? []
    const values = fc.record(
      Object.fromEntries(
        parameters.map((one) => [`${one.in} ${one.name}`, parameterArbitrary(one, components.schemas)]),
      ),
      {
        requiredKeys: parameters.filter((one) => one.required === true).map((one) => `${one.in} ${one.name}`),
      },
    )
    const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
    const body =
      content?.schema === undefined
        ? fc.constant(undefined)
        : bodyArbitrary(content.schema, components.schemas)
    const oddities = fc.constantFrom('', '', '', '', '', '', '', '', '', '', 'token', 'type', 'query')
    return fc.tuple(values, body, oddities).map(([given, text, oddity]) => {
      const of = (place: string) =>
        Object.entries(given).flatMap(([key, value]) =>
          key.startsWith(`${place} `) ? [[key.slice(place.length + 1), String(value)] as const] : [],
        )
      const filled = of('path').reduce(
        (url, [name, value]) => url.replace(`{${name}}`, encodeURIComponent(value)),
        path,
      )
      const query = new URLSearchParams(Object.fromEntries(of('query')))
      if (oddity === 'query') query.set('odd', '1')
      const headers = Object.fromEntries(
        of('header').map(([name, value]) => [name, value.replaceAll(/[^\x20-\x7e]/g, '?')]),
      )
      return {
        method: method.toUpperCase(),
        path: `${filled}${query.size > 0 ? `?${query.toString()}` : ''}`,
        operation,
        headers: {
          ...headers,
          ...(oddity === 'token' ? {} : { authorization: `Bearer ${rig.token}` }),
          ...(text === undefined ? {} : { 'content-type': oddity === 'type' ? 'text/csv' : type! }),
        },
        body: text,
      }
    })
  })
  return fc.oneof(...ofEach)
}

function parameterArbitrary({ schema, in: place }: Parameter, schemas: Description['components']['schemas']) {
  const made = arbitraryOf(schema, schemas)
  const names = fc.constantFrom('ams', 'web', 'a', 'alive', 'example.test', 'www.example.test', '*', '"x"')
  const odd = fc.string({ minLength: 1, maxLength: 20 })
  if (place === 'query') return fc.oneof({ weight: 9, arbitrary: made }, { weight: 1, arbitrary: odd })
  return fc.oneof(
    { weight: 6, arbitrary: names },
    { weight: 3, arbitrary: made },
    { weight: 1, arbitrary: odd },
  )
}

function bodyArbitrary(schema: Schema, schemas: Description['components']['schemas']): fc.Arbitrary<string> {
  const text = brokenOrNot(arbitraryOf(schema, schemas)).map((value) => JSON.stringify(value))
  const cut = fc.tuple(text, fc.nat()).map(([whole, length]) => whole.slice(0, length % (whole.length + 1)))
  return fc.oneof({ weight: 19, arbitrary: text }, { weight: 1, arbitrary: cut })
}

function send({ method, path, headers, body }: Request): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const request = httpRequest(
      rig.control.url + path,
      { method, agent, headers: { ...headers, ...length } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const type = (response.headers['content-type'] ?? '').split(';')[0] ?? ''
          resolve({ status: response.statusCode ?? 0, type, text: Buffer.concat(chunks).toString() })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/** What of a reply the description does not allow. */
function replyValidator({ components }: Description): (request: Request, reply: Reply) => string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'api', components })
  const compiled = new Map<Schema, ValidateFunction>()
  const validatorOf = (schema: Schema) => {
    const known = compiled.get(schema)
    if (known !== undefined) return known
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')
    const made = ajv.compile(JSON.parse(text) as object)
    compiled.set(schema, made)
    return made
  }
  return ({ operation }, { status, type, text }) => {
    const response = operation.responses[status] ?? operation.responses[`${Math.floor(status / 100)}XX`]
    if (response === undefined) return [`status ${status} is not described`]
    if (response.content === undefined) return text === '' ? [] : ['a body where none is described']
    const schema = response.content[type]?.schema
    if (schema === undefined) return [`media type '${type}' is not described for ${status}`]
    if (!type.endsWith('json')) return []
    const validator = validatorOf(schema)
    return validator(JSON.parse(text)) ? [] : [ajv.errorsText(validator.errors)]
  }
}
