/**
 * Two controls on one real PostgreSQL: what one commits is at the nodes of the other within a second; nothing acknowledged is lost
 * when the database or a control is killed in the middle, and DNS notices nothing of it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStoreOf } from '../contract/open-store-of.ts'
import { PostgresServer } from '../harness/postgres.ts'
import { Cluster } from './harness/cluster.ts'
import { eventually } from './harness/eventually.ts'
import type { ServiceProcess } from './harness/service-process.ts'

const WRITERS = 8
/** Of one counter, by all writers together. */
const UPDATES = 300
const KILLS = 4

let postgres: PostgresServer
let url: string
let cluster: Cluster
beforeAll(async () => {
  postgres = await PostgresServer.start()
  url = await postgres.database()
  cluster = new Cluster({ store: url })
  await cluster.start()
  await cluster.apply(cluster.document())
  await cluster.answers(cluster.endpoints)
})
afterAll(async () => {
  await cluster.stop()
  await postgres.remove()
})

interface Reply {
  readonly status: number
  readonly etag: string | null
  readonly body: unknown
}

/** null: no answer, or one that says nothing of the outcome. */
async function send(
  control: ServiceProcess,
  request: `${'GET' | 'PUT'} ${string}`,
  options: { body?: unknown; etag?: string } = {},
): Promise<Reply | null> {
  const [method = '', path = ''] = request.split(' ')
  const file = (name: string) => readFileSync(join(control.dataDir, name), 'utf8').trim()
  try {
    const response = await fetch(`${file('api-url')}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${file('token')}`,
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...(options.etag !== undefined && { 'if-match': options.etag }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      signal: AbortSignal.timeout(30_000),
    })
    const body: unknown = await response.json()
    if (response.status >= 500) return null
    return { status: response.status, etag: response.headers.get('etag'), body }
  } catch {
    // The control was killed: what it did of this is found out at the end.
    return null
  }
}

const COUNTER = '/v1/zones/counter.test'
const zoneWith = (count: number) => ({
  ...{ name: 'counter.test', nameservers: ['ns1.elsewhere.test'] },
  records: [{ name: 'count', type: 'TXT', values: [String(count)] }],
})
const countOf = ({ body }: Reply) =>
  Number((body as { records: { values: string[] }[] }).records[0]?.values[0])

it('brings a change made through one control to a nameserver of the other within a second', async () => {
  const [one, two] = cluster.controls as [ServiceProcess, ServiceProcess]
  const { process: nameserver } = cluster.nameservers[0]!
  await nameserver.end()
  cluster.configure(nameserver, { controls: [cluster.nodePlace(1)] })
  await nameserver.start()
  await cluster.answers(cluster.endpoints, [cluster.nameservers[0]!])
  const took: number[] = []
  for (let count = 1; count <= 10; count += 1) {
    const startedMs = performance.now()
    expect((await send(one, `PUT ${COUNTER}`, { body: zoneWith(count) }))?.status).toBeLessThan(300)
    await eventually(
      async () => {
        expect(await cluster.dig(cluster.nameservers[0]!, 'count.counter.test', 'TXT')).toEqual([
          `"${count}"`,
        ])
      },
      { withinMs: 1_000, everyMs: 5 },
    )
    took.push(performance.now() - startedMs)
    expect((await send(two, `GET ${COUNTER}`))?.status).toBe(200)
  }
  expect(Math.max(...took)).toBeLessThan(1_000)
})

it('takes each change once, refuses the rest as stale, and loses none, while both controls are killed at random', async () => {
  for (const control of cluster.controls)
    await eventually(async () => {
      expect((await send(control, `GET ${COUNTER}`))?.status).toBe(200)
    })
  expect((await send(cluster.controls[0]!, `PUT ${COUNTER}`, { body: zoneWith(0) }))?.status).toBe(200)
  const seen = { done: 0, stale: 0, unknown: 0 }
  const work = async (index: number) => {
    while (seen.done < UPDATES) {
      const control = cluster.controls[(index + seen.done) % 2]!
      const now = await send(control, `GET ${COUNTER}`)
      if (now?.status !== 200 || now.etag === null) {
        await delay(20)
        continue
      }
      const next = { body: zoneWith(countOf(now) + 1), etag: now.etag }
      const reply = await send(control, `PUT ${COUNTER}`, next)
      if (reply === null) seen.unknown += 1
      else {
        expect([200, 412]).toContain(reply.status)
        seen[reply.status === 200 ? 'done' : 'stale'] += 1
      }
    }
  }
  const workers = Array.from({ length: WRITERS }, (_, index) => work(index))
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await eventually(
      () => {
        expect(seen.done).toBeGreaterThan((UPDATES * kill) / (KILLS + 1))
      },
      { withinMs: 90_000, everyMs: 10 },
    )
    const control = cluster.controls[kill % 2]!
    await control.end('SIGKILL')
    await control.start()
  }
  await Promise.all(workers)
  const store = await openStoreOf(url)
  try {
    const revisions = await store.revisionsAfter(0, 1_000_000)
    expect(revisions.map(({ number }) => number)).toEqual(revisions.map((_, index) => index + 1))
    const counts = revisions.flatMap(({ changes }) =>
      changes.flatMap(({ key, after }) =>
        key === 'counter.test' ? [countOf({ status: 200, etag: null, body: after })] : [],
      ),
    )
    const since = counts.slice(counts.lastIndexOf(0))
    expect(since).toEqual(since.map((_, index) => index))
    expect(since.length - 1).toBeGreaterThanOrEqual(seen.done)
    expect(since.length - 1).toBeLessThanOrEqual(seen.done + seen.unknown)
    expect(seen.stale).toBeGreaterThan(0)
  } finally {
    await store.close()
  }
})

it('goes on answering while the database is killed, and takes changes again when it is back', async () => {
  await eventually(async () => {
    expect((await send(cluster.controls[0]!, `GET ${COUNTER}`))?.status).toBe(200)
  })
  await postgres.end('SIGKILL')
  const changing = send(cluster.controls[0]!, `PUT ${COUNTER}`, { body: zoneWith(9_999) })
  const [first, second] = [cluster.endpoints[0]!, cluster.endpoints[1]!]
  await first.kill()
  await cluster.answers([second])
  await postgres.resume()
  expect((await changing)?.status).toBe(200)
  await first.start()
  await cluster.answers([first, second])
  for (const nameserver of cluster.nameservers)
    await eventually(async () => {
      expect(await cluster.dig(nameserver, 'count.counter.test', 'TXT')).toEqual(['"9999"'])
    })
})
