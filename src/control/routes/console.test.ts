import { pino } from 'pino'
import { afterEach, expect, it } from 'vitest'
import type { ConsoleFile, ConsoleFiles } from '../../ports/console-files.ts'
import type { Api, ApiParts } from '../api-parts.ts'
import { createMetrics } from '../metrics.ts'
import { buildServer } from '../server.ts'

const file = (text: string, mediaType: string, isHashed: boolean): ConsoleFile => ({
  ...{ body: Buffer.from(text), mediaType, etag: `"${text}"`, isHashed },
})
const FILES = new Map([
  ['index.html', file('page', 'text/html; charset=utf-8', false)],
  ['assets/main-1.js', file('code', 'text/javascript; charset=utf-8', true)],
])
const BUILT: ConsoleFiles = { isBuilt: true, find: (path) => FILES.get(path) ?? null }

let server: Api
afterEach(() => server.close())

async function serve(console: ConsoleFiles, issuer?: string) {
  const logins = issuer === undefined ? null : { provider: { issuer } }
  const parts = { metrics: createMetrics(), console, logins } as unknown as ApiParts
  server = await buildServer({ logger: pino({ enabled: false }), version: 'test' }, () => parts)
  return (url: string, headers: Record<string, string> = {}) => server.inject({ url, headers })
}

it('is a page and its files, for everybody, with what the browser is to refuse', async () => {
  const get = await serve(BUILT, 'https://login.example.test:8443/realms/main')
  const page = await get('/console/?code=x&state=y')
  expect([page.statusCode, page.body]).toEqual([200, 'page'])
  expect(page.headers).toMatchObject({
    ...{ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', etag: '"page"' },
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' https://login.example.test:8443; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ...{ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' },
    'cross-origin-opener-policy': 'same-origin',
  })
  const code = await get('/console/assets/main-1.js')
  expect([code.body, code.headers['cache-control']]).toEqual(['code', 'public, max-age=31536000, immutable'])
  expect((await get('/console/', { 'if-none-match': '"page"' })).statusCode).toBe(304)
})

it('is found from the origin, and is nothing beside its files', async () => {
  const get = await serve(BUILT)
  expect(await get('/')).toMatchObject({ statusCode: 302, headers: { location: '/console/' } })
  expect(await get('/console')).toMatchObject({ statusCode: 308, headers: { location: '/console/' } })
  for (const url of ['/console/other', '/console/%2e%2e/package.json', '/console/assets/', '/console//'])
    expect([url, (await get(url)).statusCode]).toEqual([url, 404])
  expect((await get('/console/')).headers['content-security-policy']).toContain("connect-src 'self';")
})

it('says how it is built where it is not', async () => {
  const get = await serve({ isBuilt: false, find: () => null })
  const reply = await get('/console/')
  expect([reply.statusCode, reply.json<{ detail: string }>().detail]).toEqual([
    404,
    expect.stringContaining('npm run build'),
  ])
})
