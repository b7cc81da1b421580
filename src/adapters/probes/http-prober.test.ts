import { execFile } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { monitorSchema } from '../../core/model/monitor.ts'
import { freePort } from './testing/free-port.ts'
import { httpServer, rawServer, replyingServer } from './testing/raw-server.ts'
import { probeHttp } from './testing/probe-once.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** Answers 200, or what `answer` does; keeps the server.requests. */
async function recordingServer(
  answer?: (request: IncomingMessage, response: ServerResponse) => void,
  address?: string,
) {
  const requests: { method: string; url: string; headers: readonly string[] }[] = []
  const server = await httpServer((request, response) => {
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.rawHeaders })
    if (answer === undefined) response.end('ok')
    else answer(request, response)
  }, address)
  return { ...server, requests }
}

describe('the request', () => {
  it('is a GET of / with the address and port for Host', async () => {
    await using server = await recordingServer()
    const result = await probeHttp(server.target)
    expect(result).toMatchObject({ kind: 'success', degraded: false, detail: 'HTTP 200', status: 200 })
    const host = ['Host', `127.0.0.1:${server.target.port}`]
    const fixed = ['User-Agent', 'fairlead-checker', 'Accept', '*/*', 'Connection', 'close']
    expect(server.requests).toEqual([{ method: 'GET', url: '/', headers: [...host, ...fixed] }])
  })

  it('puts an IPv6 address in brackets', async () => {
    await using server = await recordingServer(undefined, '::1')
    expect(await probeHttp(server.target)).toMatchObject({ kind: 'success' })
    expect(server.requests[0]?.headers[1]).toBe(`[::1]:${server.target.port}`)
  })

  it('carries method, path, host and headers of the monitor', async () => {
    await using server = await recordingServer()
    const headers = { 'user-agent': 'other', 'X-Probe': 'yes' }
    const fields = {
      method: 'POST',
      path: '/healthz?deep=1',
      host: 'www.example.test:8443',
      headers,
    } as const
    expect(await probeHttp(server.target, fields)).toMatchObject({ kind: 'success' })
    expect(server.requests).toMatchObject([{ method: 'POST', url: '/healthz?deep=1' }])
    expect(server.requests[0]?.headers).toEqual([
      ...['Host', 'www.example.test:8443', 'user-agent', 'other', 'Accept', '*/*', 'Connection', 'close'],
      ...['X-Probe', 'yes', 'Content-Length', '0'],
    ])
  })

  it.each(['HEAD', 'OPTIONS'] as const)('can be %s', async (method) => {
    await using server = await recordingServer()
    expect(await probeHttp(server.target, { method })).toMatchObject({ kind: 'success' })
    expect(server.requests).toMatchObject([{ method }])
  })

  it('comes from the source address', async () => {
    const peers: (string | undefined)[] = []
    await using server = await httpServer((request, response) => {
      peers.push(request.socket.remoteAddress)
      response.end()
    })
    expect(await probeHttp(server.target, { sourceAddress: '127.0.0.77' })).toMatchObject({ kind: 'success' })
    expect(peers).toEqual(['127.0.0.77'])
  })
})

describe('what is expected', () => {
  it.each([
    [204, undefined, 'success'],
    [301, undefined, 'failure'],
    [404, ['200-299', '404'], 'success'],
    [403, ['200-299', '404'], 'failure'],
    [503, ['500-599'], 'success'],
  ] as const)('%i with %j is a %s', async (status, expectStatus, kind) => {
    await using server = await httpServer((_request, response) => response.writeHead(status).end())
    const fields = expectStatus === undefined ? {} : { expectStatus: [...expectStatus] }
    const result = await probeHttp(server.target, fields)
    const detail = kind === 'success' ? `HTTP ${status}` : `HTTP ${status}, expected `
    expect(result).toMatchObject({ kind, status, detail: expect.stringContaining(detail) as string })
  })

  it.each([
    [{ kind: 'contains', text: 'état: bon' }, 'success'],
    [{ kind: 'contains', text: 'mauvais' }, 'failure'],
    [{ kind: 'regex', pattern: '(?i)ÉTAT:\\s+b.n$' }, 'success'],
    [{ kind: 'regex', pattern: '^bon' }, 'failure'],
  ] as const)('body with %j is a %s', async (bodyMatch, kind) => {
    await using server = await httpServer((_request, response) => response.end('mon état: bon'))
    expect(await probeHttp(server.target, { bodyMatch })).toMatchObject({ kind, status: 200 })
  })

  it('looks at the first 64 KiB of the body and closes the connection then', async () => {
    let closed: (() => void) | undefined
    const isClosed = new Promise<void>((resolve) => (closed = resolve))
    await using server = await httpServer((_request, response) => {
      response.on('close', () => closed?.())
      const write = () => {
        while (response.write('x'.repeat(65_535) + 'END')) if (response.destroyed) return
        response.once('drain', write)
      }
      write()
    })
    expect(await probeHttp(server.target)).toMatchObject({ kind: 'success' })
    await isClosed
    const bodyMatch = { kind: 'contains', text: 'END' } as const
    expect(await probeHttp(server.target, { bodyMatch })).toMatchObject({
      kind: 'failure',
      detail: 'HTTP 200, but the first 65536 bytes of the body do not match',
    })
  })
})

describe('redirects', () => {
  const chain = (request: IncomingMessage, response: ServerResponse) => {
    const hop = Number(request.url?.slice(1))
    if (hop > 0) response.writeHead(302, { Location: `/${hop - 1}` }).end()
    else response.end('there')
  }

  it('are not followed unless asked for', async () => {
    await using server = await recordingServer(chain)
    expect(await probeHttp(server.target, { path: '/1' })).toMatchObject({ kind: 'failure', status: 302 })
    expect(await probeHttp(server.target, { path: '/1', expectStatus: ['302'] })).toMatchObject({
      kind: 'success',
    })
    expect(server.requests).toHaveLength(2)
  })

  it('are followed five times, on the same host', async () => {
    await using server = await recordingServer(chain)
    const fields = { followRedirects: true, bodyMatch: { kind: 'contains', text: 'there' } } as const
    expect(await probeHttp(server.target, { ...fields, path: '/5' })).toMatchObject({
      kind: 'success',
      status: 200,
    })
    expect(server.requests.map(({ url }) => url)).toEqual(['/5', '/4', '/3', '/2', '/1', '/0'])
    expect(await probeHttp(server.target, { ...fields, path: '/6' })).toMatchObject({
      kind: 'failure',
      detail: 'HTTP 302: more than 5 redirects',
    })
  })

  it('elsewhere fail the probe, and nobody is asked there', async () => {
    await using elsewhere = await recordingServer()
    const there = `http://127.0.0.1:${elsewhere.target.port}/x`
    await using server = await httpServer((_request, response) =>
      response.writeHead(301, { Location: there }).end(),
    )
    expect(await probeHttp(server.target, { followRedirects: true })).toMatchObject({
      kind: 'failure',
      status: 301,
      detail: `HTTP 301 leads elsewhere: ${there}`,
    })
    expect(elsewhere.requests).toEqual([])
  })

  it('share the one deadline of the probe', async () => {
    await using server = await httpServer((request, response) => {
      if (request.url === '/') response.writeHead(302, { Location: '/slow' }).end()
    })
    const result = await probeHttp(server.target, { followRedirects: true, timeoutMs: 150 })
    expect(result).toMatchObject({ kind: 'failure', detail: 'timed out after 150 ms waiting for the reply' })
  })
})

describe('peers that misbehave', () => {
  it('nobody listens', async () => {
    const target = { address: '127.0.0.1', port: await freePort() }
    expect(await probeHttp(target)).toMatchObject({ kind: 'failure', detail: 'connection refused' })
  })

  it('says nothing', async () => {
    await using server = await rawServer(() => undefined)
    const result = await probeHttp(server.target, { timeoutMs: 100 })
    expect(result).toMatchObject({ kind: 'failure', detail: 'timed out after 100 ms waiting for the reply' })
    expect(result.phases).toMatchObject({ connectMs: expect.any(Number) as number })
    expect(result.phases.totalMs).toBeGreaterThanOrEqual(100)
  })

  it('drips a byte at a time, in time', async () => {
    await using server = await rawServer((socket) => {
      let at = 0
      const timer = setInterval(() => {
        socket.write(OK.charAt(at))
        at += 1
        if (at === OK.length) clearInterval(timer)
      }, 1)
      socket.once('close', () => {
        clearInterval(timer)
      })
    })
    expect(await probeHttp(server.target, { timeoutMs: 4_000 })).toMatchObject({ kind: 'success' })
    expect(await probeHttp(server.target, { timeoutMs: 20 })).toMatchObject({
      kind: 'failure',
      detail: 'timed out after 20 ms waiting for the rest of the reply',
    })
  })

  it.each([
    ['closes without a word', '', 'connection closed without a reply'],
    [
      'closes in the body',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok',
      'closed after 2 of 9 bytes of the body',
    ],
    ['speaks something else', 'SSH-2.0-x\r\n', "malformed reply: it does not start with 'HTTP/1.'"],
    ['sends noise', Buffer.alloc(100_000, 0x80), "malformed reply: it does not start with 'HTTP/1.'"],
    [
      'has a head without end',
      `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(100_000)}`,
      'malformed reply: its head is longer than 32768 bytes',
    ],
  ])('%s', async (_name, bytes, detail) => {
    await using server = await replyingServer(bytes)
    expect(await probeHttp(server.target)).toMatchObject({ kind: 'failure', detail })
  })

  it('resets', async () => {
    await using server = await rawServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect(await probeHttp(server.target)).toMatchObject({ kind: 'failure', detail: 'connection reset' })
  })

  it('answers before it is asked, and closes', async () => {
    await using server = await rawServer((socket) => socket.end(OK))
    expect(await probeHttp(server.target)).toMatchObject({ kind: 'success' })
  })
})

describe('phases', () => {
  it('are within the whole', async () => {
    await using server = await httpServer((_request, response) => response.end('ok'))
    const { phases } = await probeHttp(server.target)
    expect(Object.keys(phases).sort()).toEqual(['connectMs', 'firstByteMs', 'totalMs'])
    expect((phases.connectMs ?? 0) + (phases.firstByteMs ?? 0)).toBeLessThanOrEqual(phases.totalMs)
  })
})

describe('our own faults are no vote', () => {
  it('a source address that is not ours', async () => {
    await using server = await replyingServer(OK)
    const result = await probeHttp(server.target, { sourceAddress: '203.0.113.7' })
    expect(result).toMatchObject({
      kind: 'local-error',
      detail: expect.stringContaining('EADDRNOTAVAIL') as string,
    })
  })

  it('a source address of the other family', async () => {
    const result = await probeHttp({ address: '127.0.0.1', port: 9 }, { sourceAddress: '::1' })
    expect(result).toMatchObject({
      kind: 'local-error',
      detail: 'the source address ::1 is of another family than 127.0.0.1',
    })
  })

  it('a target that this host may not connect to', async () => {
    const result = await probeHttp({ address: '255.255.255.255', port: 9 })
    expect(result).toMatchObject({
      kind: 'local-error',
      detail: expect.stringMatching(/EACCES|ENETUNREACH|EPERM|EINVAL/) as string,
    })
  })

  it('no file descriptors left', async () => {
    await using server = await replyingServer(OK)
    const module = JSON.stringify(new URL('./monitor-prober.ts', import.meta.url).href)
    const monitor = JSON.stringify(monitorSchema.parse({ kind: 'http', name: 'm' }))
    const script = `
      import { openSync } from 'node:fs'
      const { MonitorProber } = await import(${module})
      const prober = new MonitorProber()
      const probe = () => prober.probe(${monitor}, ${JSON.stringify(server.target)}, new AbortController().signal)
      const before = await probe()
      try { for (;;) openSync('/dev/null') } catch {}
      console.log(JSON.stringify([before, await probe()]))
      process.exit()`
    const limited = 'ulimit -n 64 && exec "$0" --input-type=module -e "$1"'
    const { stdout } = await promisify(execFile)('bash', ['-c', limited, process.execPath, script])
    expect(JSON.parse(stdout)).toMatchObject([
      { kind: 'success' },
      { kind: 'local-error', detail: 'this process has no file descriptors left (EMFILE)' },
    ])
  })
})
