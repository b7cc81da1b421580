import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/core/exit-code.ts'
import { pino } from 'pino'
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import { LocalFrames } from '../../src/adapters/transport/local-frames.ts'
import { createControl } from '../../src/control/context.ts'
import { problemSchema } from '../../src/core/views/problem.ts'
import { sampleChanges, startApi, type ApiRig, type Reply } from './api-rig.ts'

let rig: ApiRig
beforeAll(async () => {
  rig = await startApi({ server: { headersMs: 300, requestMs: 600 } })
  await rig.send('POST', '/v1/change-sets', { body: { changes: sampleChanges() } })
})
afterAll(() => rig.stop())

function expectProblem(reply: Reply, status: number, kind: string): void {
  expect(reply.status).toBe(status)
  expect(reply.headers.get('content-type')).toContain('application/problem+json')
  expect(problemSchema.parse(reply.body)).toMatchObject({ status, type: `urn:fairlead:problem:${kind}` })
}

/** Sends bytes as they are and reads until the server closes. */
async function rawRequest(bytes: string): Promise<string> {
  const { hostname, port } = new URL(rig.control.url)
  const socket = connect(Number(port), hostname)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write(bytes)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

describe('errors of HTTP are problems', () => {
  it('nothing there, not this method, not this media type', async () => {
    expectProblem(await rig.send('GET', '/nothing'), 404, 'not-found')
    expectProblem(await rig.send('GET', '/v1/sites/none'), 404, 'not-found')
    const method = await rig.send('POST', '/v1/sites/ams', { body: {} })
    expectProblem(method, 405, 'method-not-allowed')
    expect(method.headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH, PUT')
    const headers = { 'content-type': 'text/plain' }
    expectProblem(await rig.send('PUT', '/v1/sites/x', { body: 'x', headers }), 415, 'unsupported-media-type')
    expectProblem(await rig.send('GET', `/v1/sites/${'x'.repeat(3_000)}`), 414, 'url-too-long')
    expectProblem(await rig.send('GET', '/v1/sites/%zz'), 400, 'malformed-request')
    expectProblem(await rig.send('GET', '/v1/sites?limit=0'), 400, 'malformed-request')
    expectProblem(await rig.send('GET', '/v1/explain?name=a..b'), 400, 'malformed-request')
    expectProblem(await rig.send('GET', '/v1/explain?name=a.test&client=999.1.1.1'), 400, 'malformed-request')
  })

  it('control characters in a path, a query or an id: a sentence, never a defect', async () => {
    for (const [method, path, body] of [
      ['GET', '/v1/proposals/%00'],
      ['POST', '/v1/proposals/%00/approve', {}],
      ['POST', '/v1/proposals/a%1f/reject', { reason: 'x' }],
      ['GET', '/v1/audit?after=1.%00'],
      ['DELETE', '/v1/tokens/%00'],
      ['POST', '/v1/tokens/a%7f/rotate', {}],
      ['GET', '/v1/zones/a%00.test'],
      ['PUT', '/v1/sites/ams?message=%00', { country: 'NL' }],
    ] as const) {
      const reply = await rig.send(method, path, body && { body })
      expectProblem(reply, 400, 'malformed-request')
      expect(reply.body).toMatchObject({ detail: expect.stringContaining('control character') as unknown })
    }
    for (const which of ['fairlead://checker/ams/\u0000', 'fairlead://checker/ams/\u0007', 'AB\u0000'])
      expectProblem(await rig.send('POST', '/v1/revocations', { body: { which } }), 422, 'invalid')
    const changes = [{ op: 'delete', kind: 'site', name: 'none' }]
    for (const id of ['change-\u0000', 'change-\n-1'])
      expectProblem(await rig.send('POST', '/v1/change-sets', { body: { id, changes } }), 422, 'invalid')
  })

  it.each([
    ['{"country": "NL",\n}', 'line 2, column 1'],
    ['{"a": [1, 2', 'line 1, column 12'],
    ['[1,\n2,\n nope]', 'line 3, column 2'],
    ['{"a": "\u0001"}', 'line 1, column 7'],
    ['{} x', 'line 1, column 4'],
  ])('malformed JSON, with its place: %j', async (body, place) => {
    const reply = await rig.send('PUT', '/v1/sites/x', { body })
    expectProblem(reply, 400, 'malformed-request')
    expect((reply.body as { detail: string }).detail).toBe(`the body is not valid JSON: ${place}`)
  })

  it('bytes that are no UTF-8, no body, a body of the wrong type', async () => {
    const response = await fetch(`${rig.control.url}/v1/sites/x`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${rig.token}`, 'content-type': 'application/json' },
      body: new Uint8Array([0x22, 0xff, 0x22]),
    })
    expect(response.status).toBe(400)
    expectProblem(await rig.send('PUT', '/v1/sites/x'), 422, 'invalid')
    expectProblem(await rig.send('PUT', '/v1/sites/x', { body: '[]' }), 422, 'invalid')
    expectProblem(await rig.send('PATCH', '/v1/sites/ams', { body: '"x"' }), 422, 'invalid')
    expectProblem(await rig.send('POST', '/v1/change-sets', { body: 'null' }), 422, 'invalid')
  })

  it('a body that is too large, with and without a length', async () => {
    const body = JSON.stringify({ country: 'x'.repeat(1_100_000) })
    expectProblem(await rig.send('PUT', '/v1/sites/x', { body }), 413, 'body-too-large')
    const large = JSON.stringify({ changes: [], message: 'x'.repeat(11_000_000) })
    expectProblem(await rig.send('POST', '/v1/change-sets', { body: large }), 413, 'body-too-large')
    const chunk = 'x'.repeat(65_536)
    const chunked = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(20)
    const head = `PUT /v1/sites/x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${rig.token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`
    expect(await rawRequest(head + chunked)).toMatch(/^HTTP\/1.1 413 .*application\/problem\+json/s)
  })

  it('what is not HTTP, and headers without an end', async () => {
    expect(await rawRequest('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*problem\+json.*malformed-request/s)
    const huge = `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`
    expect(await rawRequest(huge)).toMatch(/^HTTP\/1.1 431 .*headers-too-large/s)
  })

  it('a client that is slow with its headers or its body', async () => {
    expect(await rawRequest('GET /healthz HTTP/1.1\r\nhost: x\r\n')).toMatch(
      /^HTTP\/1.1 408 .*request-timeout/s,
    )
    const head = `PUT /v1/sites/x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${rig.token}\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{`
    expect(await rawRequest(head)).toMatch(/^HTTP\/1.1 408 .*request-timeout/s)
    expect((await rig.send('GET', '/healthz')).status).toBe(200)
  })
})

describe('tokens', () => {
  it('without one, or with a wrong one: 401 and no detail, everywhere', async () => {
    const paths = Object.keys((await rig.send('GET', '/v1/openapi.json')).body as object).length
    expect(paths).toBeGreaterThan(0)
    for (const path of [
      '/v1/sites',
      '/v1/status',
      '/v1/events',
      '/metrics',
      '/v1/tokens',
      '/v1/export',
      '/v1/revisions',
      '/readyz',
      '/v1/openapi.json',
    ])
      for (const authorization of [
        '',
        'Bearer',
        'Bearer wrong',
        `Basic ${rig.token}`,
        `Bearer ${rig.token}x`,
      ]) {
        const reply = await rig.send('GET', path, { headers: { authorization } })
        // From twenty failures on it is told to wait.
        if (reply.status === 429) expectProblem(reply, 429, 'too-many-attempts')
        else {
          expectProblem(reply, 401, 'unauthorized')
          expect(reply.headers.get('www-authenticate')).toBe('Bearer')
        }
        expect(reply.body).not.toHaveProperty('detail')
      }
    const big = 'x'.repeat(2_000_000)
    expect([401, 429]).toContain(
      (await rig.send('PUT', '/v1/sites/x', { body: big, headers: { authorization: 'no' } })).status,
    )
  })

  it('are made, shown once, used and revoked; the author of a change is the name of the token', async () => {
    const made = await rig.send('POST', '/v1/tokens', { body: { name: 'deploy', role: 'editor' } })
    expect(made.status).toBe(201)
    const { id, token } = made.body as { id: string; token: string }
    const headers = { authorization: `Bearer ${token}` }
    await rig.send('PUT', '/v1/sites/by-deploy', { body: {}, headers })
    expect((await rig.send('GET', '/v1/revisions?limit=1')).body).toMatchObject({
      items: [{ author: 'deploy' }],
    })
    const listed = (await rig.send('GET', '/v1/tokens')).body
    expect(listed).toMatchObject({ items: [{ name: 'deploy' }, { name: 'local' }], next: null })
    expect(JSON.stringify(listed)).not.toContain(token)
    expect((await rig.send('DELETE', `/v1/tokens/${id}`)).status).toBe(204)
    expect([401, 429]).toContain((await rig.send('GET', '/v1/sites', { headers })).status)
    expectProblem(await rig.send('DELETE', `/v1/tokens/${id}`), 404, 'not-found')
    expectProblem(await rig.send('POST', '/v1/tokens', { body: { name: 'local' } }), 422, 'invalid')
    for (const secret of [token, rig.token]) {
      expect(rig.log.join('')).not.toContain(secret)
      for (const file of ['control.sqlite', 'control.sqlite-wal'])
        expect(readFileSync(join(rig.dataDir, file)).includes(secret)).toBe(false)
    }
  })

  it('the file is private, survives a restart, and is made anew when it was lost', async () => {
    const first = await startApi()
    const { dataDir, token } = first
    const file = join(dataDir, 'token')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(Buffer.from(token.replace('fairlead_', ''), 'base64url')).toHaveLength(32)
    await first.control.stop()
    chmodSync(file, 0o644)
    const second = await startApi({ dataDir })
    expect(second.token).toBe(token)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await second.control.stop()
    rmSync(file)
    const third = await startApi({ dataDir })
    expect(third.token).not.toBe(token)
    expect(third.log.join('')).toContain('a new API token was made')
    expect((await third.send('GET', '/v1/tokens')).body).toMatchObject({ items: [{ name: 'local' }] })
    expect(
      (await third.send('GET', '/v1/sites', { headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(401)
    await third.control.stop()
    writeFileSync(file, 'garbage')
    const fourth = await startApi({ dataDir })
    expect((await fourth.send('GET', '/v1/sites')).status).toBe(200)
    await fourth.control.stop()
    rmSync(dataDir, { recursive: true })
  })
})

describe('the process', () => {
  it('says without a token that it lives, and with one that it is ready and what it looks like', async () => {
    const headers = { authorization: '' }
    expect(await rig.send('GET', '/healthz', { headers })).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    })
    expect(await rig.send('GET', '/readyz')).toMatchObject({ status: 200 })
    expect(await rig.send('GET', '/v1/openapi.json')).toMatchObject({
      body: { openapi: '3.1.0' },
    })
  })

  it('has metrics that Prometheus understands, with help for each of ours', async () => {
    const { body, headers } = await rig.send('GET', '/metrics')
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0.0.4/)
    const text = body as string
    expect(text).toMatch(/^fairlead_revision \d+$/m)
    expect(text).toMatch(/^fairlead_endpoints\{state="unknown"\} 2$/m)
    expect(text).toMatch(
      /^fairlead_api_request_seconds_count\{method="GET",route="\/v1\/sites\/:name",status="4xx"\} \d+$/m,
    )
    expect(text).not.toContain('by-deploy')
    for (const [, name] of text.matchAll(/^# TYPE (fairlead_\w+)/gm))
      expect(text).toContain(`# HELP ${name ?? ''} `)
  })

  it('a port in use is one sentence and an exit code', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const control = await createControl({
      dataDir: rig.dataDir,
      listen: { host: '127.0.0.1', port: (other.address() as AddressInfo).port },
      frames: new LocalFrames(),
      clock: systemClock,
      logger: pino({ enabled: false }),
      version: 'test',
    })
    await expect(control.start()).rejects.toMatchObject({ name: 'CommandError', exitCode: EXIT.portInUse })
    await control.stop()
    other.close()
  })

  it('does not wait for connections that want nothing: kept alive, a stream, or opened in reserve', async () => {
    const one = await startApi()
    const { hostname, port } = new URL(one.control.url)
    const silent = connect(Number(port), hostname)
    await once(silent, 'connect')
    const headers = { authorization: `Bearer ${one.token}` }
    await (await fetch(`${one.control.url}/v1/status`, { headers })).text()
    const stream = await fetch(`${one.control.url}/v1/events`, { headers })
    const started = performance.now()
    await one.stop()
    expect(performance.now() - started).toBeLessThan(2_000) // half of what a request under way is given
    await stream.text()
  })

  it('stops in bounded time with a request that never ends and a stream open', async () => {
    const one = await startApi()
    const { hostname, port } = new URL(one.control.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.write(
      `PUT /v1/sites/x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${one.token}\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{`,
    )
    const stream = await fetch(`${one.control.url}/v1/events`, {
      headers: { authorization: `Bearer ${one.token}` },
    })
    const started = performance.now()
    await one.stop()
    expect(performance.now() - started).toBeLessThan(5_500)
    await stream.text()
  })
})
