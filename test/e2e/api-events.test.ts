import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Frame } from '../../src/core/health/frame.ts'
import { definitionsOf } from '../../src/core/health/definition.ts'
import { explanationSchema } from '../../src/core/views/explanation.ts'
import { eventSchema, statusSchema } from '../../src/core/views/status.ts'
import { sampleChanges, startApi, type ApiRig } from './api-rig.ts'

let rig: ApiRig
beforeAll(async () => {
  rig = await startApi()
  await rig.send('POST', '/v1/change-sets', { body: { changes: sampleChanges() } })
})
afterAll(() => rig.stop())

interface Message {
  readonly id: string
  readonly event: string
  readonly data: unknown
}

/** Follows the stream until `count` events have come, then hangs up. */
async function follow(count: number, options: { lastId?: string; from?: ApiRig; ready?: () => void } = {}) {
  const { lastId, from = rig, ready } = options
  const abort = new AbortController()
  const headers = {
    authorization: `Bearer ${from.token}`,
    ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
  }
  const response = await fetch(`${from.control.url}/v1/events`, { headers, signal: abort.signal })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  ready?.()
  const messages: Message[] = []
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const data = field('data')
      if (data !== undefined)
        messages.push({
          id: field('id') ?? '',
          event: field('event') ?? '',
          data: JSON.parse(data) as unknown,
        })
    }
    if (messages.length >= count) break
  }
  abort.abort()
  return messages
}

let country = 0
function change() {
  country += 1
  const letters = String.fromCharCode(65 + (Math.floor(country / 26) % 26), 65 + (country % 26))
  return rig.send('PUT', '/v1/sites/changing', { body: { country: letters } })
}

let sequence = 0
/** A frame of one checker that says this of the endpoints of the pool `web`. */
function frame(states: Record<string, 'up' | 'down'>): Frame {
  const definitions = definitionsOf(rig.control.feed.current()!.configuration)
  sequence += 1
  return {
    checker: 'c1',
    site: 'ams',
    incarnation: 1,
    sequence,
    revision: 1,
    fenced: false,
    loss: 0,
    snapshot: true,
    registers: Object.entries(states).map(([endpoint, state]) => ({
      endpoint,
      state,
      degraded: false,
      definition: definitions.get(endpoint)!,
      output: [
        {
          monitor: 'alive',
          outcome: state === 'up' ? 'success' : 'failure',
          detail: state === 'up' ? 'HTTP 200' : 'connection refused',
          phases: { totalMs: 1.5 },
          atMs: 1,
        },
      ],
    })),
  }
}

describe('the event stream', () => {
  it('is resumed without loss and without duplication, wherever it broke off', async () => {
    let followed: Promise<Message[]> = Promise.resolve([])
    await new Promise<void>((ready) => {
      followed = follow(10, { ready })
    })
    for (let index = 0; index < 10; index += 1) await change()
    const all = await followed
    expect(all.map((message) => message.event)).toEqual(Array.from({ length: 10 }, () => 'revision'))
    for (const message of all) eventSchema.parse(message.data)
    const ids = all.map((message) => Number(message.id))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect(new Set(ids).size).toBe(10)
    for (const [index, { id }] of all.slice(0, -1).entries()) {
      const rest = await follow(9 - index, { lastId: id })
      expect(rest).toEqual(all.slice(index + 1))
    }
  })

  it('loses nothing between what was missed and what comes, while events pour in', async () => {
    const first = follow(1)
    await change()
    let lastId = (await Promise.all([first, change()]))[0].at(-1)!.id
    const pouring = (async () => {
      for (let index = 0; index < 60; index += 1) await change()
    })()
    const revisions: number[] = []
    while (revisions.length < 55) {
      const part = await follow(7, { lastId })
      revisions.push(...part.map((message) => (message.data as { revision: number }).revision))
      lastId = part.at(-1)!.id
    }
    await pouring
    expect(revisions).toEqual(Array.from(revisions, (_, index) => revisions[0]! + index))
  })

  it('says so when it cannot be resumed: too old, never sent, before a restart', async () => {
    for (const lastId of ['1', '9007199254740000', 'x'])
      expect((await follow(1, { lastId }))[0]).toMatchObject({ event: 'reset' })
    const other = await startApi()
    const followed = follow(1, { from: other, lastId: '5' })
    const [reset] = await followed
    await other.control.stop()
    const again = await startApi({ dataDir: other.dataDir })
    const [after] = await follow(1, { from: again, lastId: reset!.id })
    expect(after).toMatchObject({ event: 'reset' })
    expect(Number(after!.id)).toBeGreaterThan(Number(reset!.id))
    await again.stop()
  })

  it('drops a client that does not read, and goes on for the others', async () => {
    const { hostname, port } = new URL(rig.control.url)
    const slow: Socket = connect({ port: Number(port), host: hostname })
    slow.on('error', () => undefined)
    slow.pause()
    slow.write(`GET /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${rig.token}\r\n\r\n`)
    const clients = async () =>
      Number(/^fairlead_event_clients (\d+)$/m.exec((await rig.send('GET', '/metrics')).body as string)?.[1])
    await expect.poll(clients).toBe(1)
    const message = 'x'.repeat(100_000)
    const closed = expect.poll(
      async () => {
        rig.control.reporter.event({ kind: 'alarm', atMs: 0, source: 'test', message })
        return clients()
      },
      { timeout: 20_000, interval: 1 },
    )
    await closed.toBe(0)
    slow.destroy()
    const followed = follow(1)
    await change()
    await Promise.all([followed, change()])
  })

  it('answers HEAD with 405 instead of a stream', async () => {
    expect((await rig.send('HEAD', '/v1/events')).status).toBe(405)
  })
})

describe('status and explain', () => {
  it('follow the frames: verdicts, answers, reasons, events', async () => {
    rig.frames.send(frame({ 'web/a': 'up', 'web/b': 'up' }))
    const status = async () => statusSchema.parse((await rig.send('GET', '/v1/status')).body)
    await expect.poll(async () => (await status()).counts.endpoints.up).toBe(2)
    let followed: Promise<Message[]> = Promise.resolve([])
    await new Promise<void>((ready) => {
      followed = follow(1, { ready })
    })
    rig.frames.send(frame({ 'web/a': 'down', 'web/b': 'up' }))
    expect((await followed)[0]).toMatchObject({
      event: 'transition',
      data: {
        endpoint: 'web/a',
        from: 'up',
        to: 'down',
        reason: expect.stringContaining('connection refused') as string,
      },
    })
    const after = await status()
    expect(after.endpoints[0]).toMatchObject({
      endpoint: 'a',
      state: 'down',
      detail: 'connection refused',
      rule: 'quorum-down',
    })
    expect(after.endpoints[0]?.sinceMs).toBeGreaterThan(0)
    expect(after.loadBalancers[0]).toMatchObject({
      answers: [{ type: 'A', values: ['192.0.2.2'], rule: 'policy' }],
    })
    expect(after.checkers).toMatchObject([{ checker: 'c1', live: true }])
    // However few are listed, all are counted.
    const short = statusSchema.parse((await rig.send('GET', '/v1/status?limit=1')).body)
    const counts = { total: 2, up: 1, degraded: 0, down: 1, unknown: 0, other: 0 }
    expect(short.endpoints.map((one) => one.endpoint)).toEqual(['a'])
    expect(short.loadBalancers.map((one) => one.counts)).toEqual([counts])
    expect(short.pools).toEqual([{ name: 'web', counts, loadBalancers: 1 }])
    const explained = explanationSchema.parse(
      (await rig.send('GET', '/v1/explain?name=www.example.test&client=192.0.2.200')).body,
    )
    expect(explained.answer).toEqual({ rcode: 'NOERROR', kind: 'plain', values: ['192.0.2.2'], ttlSec: 15 })
    expect(explained.endpoints).toMatchObject([
      {
        endpoint: 'a',
        eligible: false,
        reason: 'down',
        answered: false,
        probes: [{ detail: 'connection refused' }],
      },
      {
        endpoint: 'b',
        eligible: true,
        answered: true,
        verdict: { rule: 'quorum-up', votes: [{ site: 'ams', vote: 'up' }] },
      },
    ])
    rig.frames.send(frame({ 'web/a': 'down', 'web/b': 'down' }))
    await expect.poll(async () => (await status()).counts.loadBalancers.byWhenDown).toBe(1)
    expect((await status()).alarms.join()).toContain('nothing is healthy behind www.example.test')
  })

  it('show what nameservers report', async () => {
    const { reporter } = rig.control
    const values = ['192.0.2.2']
    reporter.published([
      {
        name: 'www.example.test',
        zone: 'example.test',
        type: 'A',
        values,
        ttlSec: 30,
        serial: 7,
        writtenAtMs: 10,
        readBackAtMs: 12,
      },
    ])
    const dnsServer = {
      state: 'down',
      address: '127.0.0.1',
      port: 53,
      pid: null,
      restarts: 2,
      version: null,
      detail: 'killed',
    } as const
    reporter.nameserver({
      name: 'n1',
      site: 'ams',
      revision: 1,
      ready: true,
      dnsServer,
      unpublishedForMs: null,
    })
    const { body } = await rig.send('GET', '/v1/explain?name=www.example.test')
    expect(body).toMatchObject({ publication: { serial: 7, values, readBackAtMs: 12 } })
    const status = statusSchema.parse((await rig.send('GET', '/v1/status')).body)
    expect(status.nameservers).toMatchObject([{ name: 'n1', dnsServer: { state: 'down' } }])
    expect(status.alarms.join()).toContain('the DNS server of nameserver n1 is down: killed')
    expect(status.healthy).toBe(false)
    reporter.withdrawn(['www.example.test'])
    expect((await rig.send('GET', '/v1/explain?name=www.example.test')).body).toMatchObject({
      publication: null,
    })
  })
})
