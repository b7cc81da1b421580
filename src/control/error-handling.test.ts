import Fastify from 'fastify'
import { expect, it } from 'vitest'
import { DatabaseError, type DatabaseErrorCode } from '../adapters/sql/database-error.ts'
import type { Api } from './api-parts.ts'
import { installErrorHandling } from './error-handling.ts'

/** An API whose only route fails with `error`. */
async function replyTo(error: unknown, method: 'GET' | 'PUT' = 'GET') {
  const app = Fastify() as unknown as Api
  installErrorHandling(app, () => undefined)
  app.route({
    method,
    url: '/',
    handler: () => {
      throw error
    },
  })
  const reply = await app.inject({ method, url: '/' })
  await app.close()
  return {
    status: reply.statusCode,
    type: reply.headers['content-type'],
    body: reply.json<Record<string, unknown>>(),
  }
}

it.each([
  ['disk-full', 507, 'storage-full'],
  ['io', 503, 'storage'],
  ['busy', 503, 'storage'],
  ['corrupt', 503, 'storage'],
  ['defect', 500, 'internal'],
] as const)('a store that fails with %s is a %i', async (...[code, status, kind]) => {
  const reply = await replyTo(new DatabaseError(code satisfies DatabaseErrorCode, 'the disk of /x is full'))
  expect(reply).toMatchObject({ status, body: { status, type: `urn:fairlead:problem:${kind}` } })
  expect(reply.type).toContain('application/problem+json')
  expect(reply.body['instance']).toBeTypeOf('string')
})

it.each([
  ['GET', 'unknown', 'see the log'],
  ['PUT', 'lost', 'see the log'],
  ['PUT', 'unknown', expect.stringContaining('whether the change was kept is not known') as string],
] as const)('a %s that ends as %s says whether its outcome is open', async (method, code, detail) => {
  const reply = await replyTo(new DatabaseError(code, 'the database postgres://db1 was lost'), method)
  expect(reply).toMatchObject({ status: 503, body: { detail } })
  expect(JSON.stringify(reply.body)).not.toContain('db1')
})

it('a defect tells a client nothing but where to look', async () => {
  const reply = await replyTo(new Error('secret path /etc/shadow'))
  expect(reply.status).toBe(500)
  expect(JSON.stringify(reply.body)).not.toContain('secret')
})
