/** What makes a success a degraded one: latency, status, header. */
import { describe, expect, it } from 'vitest'
import { ProbingCheck } from './testing/probing-check.ts'
import { probeHttp, probeTcp } from './testing/probe-once.ts'
import { httpServer, rawServer } from './testing/raw-server.ts'

describe('HTTP', () => {
  it('a reply that takes longer than latencyMs', async () => {
    await using server = await httpServer((_request, response) => setTimeout(() => response.end('ok'), 400))
    expect(
      await probeHttp(server.target, { degraded: { latencyMs: 4_900 }, timeoutMs: 5_000 }),
    ).toMatchObject({
      kind: 'success',
      degraded: false,
      detail: 'HTTP 200',
    })
    const slow = await probeHttp(server.target, { degraded: { latencyMs: 100 } })
    expect(slow).toMatchObject({ kind: 'success', degraded: true, status: 200 })
    expect(slow.detail).toMatch(/^HTTP 200, degraded: took \d+ ms, more than 100 ms$/)
  })

  it('time for which the checker itself stood still is not held against the endpoint', async () => {
    // The server is in this process: what it does keeps the probe waiting, and its loop from turning.
    await using server = await httpServer((_request, response) => {
      const until = performance.now() + 400
      while (performance.now() < until);
      response.end('ok')
    })
    const result = await probeHttp(server.target, { degraded: { latencyMs: 150 } })
    expect(result.phases.totalMs).toBeGreaterThan(150)
    expect(result).toMatchObject({ kind: 'success', degraded: false })
  })

  it('a status: it counts as a success even where it is none of those expected, but not every fault does', async () => {
    let status = 429
    await using server = await httpServer((_request, response) => response.writeHead(status).end('busy'))
    const degraded = { status: ['429', '520-529'] }
    expect(await probeHttp(server.target, { degraded })).toMatchObject({
      kind: 'success',
      degraded: true,
      status: 429,
      detail: 'HTTP 429, degraded: status 429',
    })
    expect((await probeHttp(server.target)).kind).toBe('failure')
    const bodyMatch = { kind: 'contains', text: 'ok' } as const
    expect((await probeHttp(server.target, { degraded, bodyMatch })).kind).toBe('failure')
    for (const [next, kind] of [
      [519, 'failure'],
      [520, 'success'],
      [200, 'success'],
    ] as const) {
      status = next
      expect(await probeHttp(server.target, { degraded })).toMatchObject({ kind })
    }
  })

  it('a header, by its name alone or with its value', async () => {
    let state: string | null = 'degraded'
    await using server = await httpServer((_request, response) => {
      if (state !== null) response.setHeader('X-State', state)
      response.end('ok')
    })
    const byName = { header: { name: 'x-state' } }
    const byValue = { header: { name: 'X-STATE', value: 'degraded' } }
    expect(await probeHttp(server.target, { degraded: byName })).toMatchObject({
      degraded: true,
      detail: 'HTTP 200, degraded: header x-state',
    })
    expect(await probeHttp(server.target, { degraded: byValue })).toMatchObject({
      degraded: true,
      detail: 'HTTP 200, degraded: header X-STATE: degraded',
    })
    state = 'fine'
    expect(await probeHttp(server.target, { degraded: byValue })).toMatchObject({ degraded: false })
    expect(await probeHttp(server.target, { degraded: byName })).toMatchObject({ degraded: true })
    state = null
    expect(await probeHttp(server.target, { degraded: byName })).toMatchObject({ degraded: false })
  })

  it('is seen on a kept connection too', async () => {
    let isSlow = false
    await using server = await httpServer((_request, response) => {
      setTimeout(() => response.end('ok'), isSlow ? 400 : 0)
    })
    using check = new ProbingCheck(server.target, {
      kind: 'http',
      connection: 'keep-alive',
      degraded: { latencyMs: 100 },
    })
    expect(await check.probe()).toMatchObject({ kind: 'success', degraded: false })
    isSlow = true
    expect(await check.probe()).toMatchObject({ kind: 'success', degraded: true })
    expect(server.connections()).toBe(1)
  })
})

describe('TCP', () => {
  it('an expected text that takes longer than latencyMs', async () => {
    await using server = await rawServer((socket) => setTimeout(() => socket.end('ready'), 400))
    expect(await probeTcp(server.target, { expect: 'ready', degraded: { latencyMs: 100 } })).toMatchObject({
      kind: 'success',
      degraded: true,
    })
    expect(await probeTcp(server.target, { degraded: { latencyMs: 100 } })).toMatchObject({
      degraded: false,
    })
  })
})
