import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock as clock } from '../adapters/clock/system-clock.ts'
import { EventLog } from './event-log.ts'
import { EventStreams } from './event-stream.ts'

const MAX_BUFFERED_BYTES = 20_000

let log: EventLog
let streams: EventStreams
let server: Server
const barred = new Set<string>()

beforeEach(async () => {
  log = new EventLog(clock)
  streams = new EventStreams({ log, clock, maxBufferedBytes: MAX_BUFFERED_BYTES })
  server = createServer((request, response) => {
    streams.start(response, {
      lastId: Number(request.headers['last-event-id']),
      mayRead: () => !barred.has(request.url ?? ''),
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.close()
})

/** What a client gets at first that comes back with this id; then the stream ends. */
async function resumed(lastId: number): Promise<string> {
  const { port } = server.address() as AddressInfo
  const headers = { 'last-event-id': String(lastId) }
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers })
  streams.end()
  return response.text()
}

function append(count: number): void {
  for (let index = 0; index < count; index += 1)
    log.append({ kind: 'alarm', atMs: 1, source: 'test', message: `alarm ${index} ${'x'.repeat(100)}` })
}

it('a client that comes back gets what it missed, once', async () => {
  const { lastId } = log
  append(50)
  const text = await resumed(lastId)
  expect(text.match(/^event: alarm$/gm)).toHaveLength(50)
  expect(text).not.toContain('event: reset')
})

it('a client that missed more than it may leave unread is told to start anew, from the newest id', async () => {
  const { lastId } = log
  append(500)
  const text = await resumed(lastId)
  expect(text).toContain(`id: ${log.lastId}\nevent: reset\ndata: {"reason":"too many events were missed`)
  expect(text.length).toBeLessThan(1_000)
})

it('a client that may not read any more is cut off within a second, though nothing happens; others are not', async () => {
  const { port } = server.address() as AddressInfo
  const follow = async (name: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}/${name}`)
    await response.text().catch(() => '')
    return name
  }
  const followed = [follow('revoked'), follow('good')]
  await expect.poll(() => streams.size).toBe(2)
  barred.add('/revoked')
  const startedMs = performance.now()
  expect(await Promise.race(followed)).toBe('revoked')
  expect(performance.now() - startedMs).toBeLessThan(2_000)
  await expect.poll(() => streams.size).toBe(1)
  streams.end()
  await Promise.all(followed)
})
