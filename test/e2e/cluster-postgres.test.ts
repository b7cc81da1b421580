/**
 * Two controls on one real PostgreSQL: what one commits is at the nodes of the other within a second; nothing acknowledged is lost
 * when the database or a control is killed in the middle, and DNS notices nothing of it.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PostgresServer } from '../harness/postgres.ts'
import { Cluster } from './harness/cluster.ts'
import { Counter } from './harness/counter.ts'
import { eventually } from './harness/eventually.ts'
import { planDigest } from './harness/plan-digest.ts'
import type { ServiceProcess } from './harness/service-process.ts'

const WRITERS = 16
/** Sent by all writers together, each against the same number. `FAIRLEAD_TEST_CHANGE_SETS=10000` is the long run of CONTRIBUTING.md. */
const CHANGE_SETS = Number(process.env['FAIRLEAD_TEST_CHANGE_SETS'] ?? 1_500)
const LONGEST_MS = 60_000 + 60 * CHANGE_SETS
const KILLS = Math.max(4, Math.round(CHANGE_SETS / 1_000))

let postgres: PostgresServer
let url: string
let cluster: Cluster
let counter: Counter
beforeAll(async () => {
  postgres = await PostgresServer.start()
  url = await postgres.database()
  cluster = new Cluster({ store: url })
  await cluster.start()
  counter = new Counter(cluster.controls)
  await cluster.apply(cluster.document())
  await cluster.answers(cluster.endpoints)
})
afterAll(async () => {
  await cluster.stop()
  await postgres.remove()
})

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
    expect((await counter.write(one, count))?.status).toBeLessThan(300)
    await eventually(
      async () => {
        expect(await cluster.dig(cluster.nameservers[0]!, counter.name, 'TXT')).toEqual([`"${count}"`])
      },
      { withinMs: 1_000, everyMs: 5 },
    )
    took.push(performance.now() - startedMs)
    expect((await counter.read(two))?.status).toBe(200)
  }
  expect(Math.max(...took)).toBeLessThan(1_000)
})

it(
  'takes each change once, refuses the rest as stale, and loses none, while both controls are killed at random',
  async () => {
    await counter.zero()
    for (const control of cluster.controls)
      await eventually(async () => {
        expect((await counter.read(control))?.status).toBe(200)
      })
    const raising = counter.raise(WRITERS, () => counter.sent >= CHANGE_SETS)
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await eventually(
        () => {
          expect(counter.sent).toBeGreaterThan((CHANGE_SETS * kill) / (KILLS + 1))
        },
        { withinMs: 90_000, everyMs: 10 },
      )
      const control = cluster.controls[kill % 2]!
      await control.end('SIGKILL')
      await control.start()
    }
    await raising
    console.info(`change sets of ${WRITERS} writers: ${JSON.stringify(counter.seen)}, ${KILLS} kills`)
    await counter.isSoundIn(url)
  },
  LONGEST_MS,
)

it('goes on answering while the database is killed, and takes changes again when it is back', async () => {
  await eventually(async () => {
    expect((await counter.read(cluster.controls[0]!))?.status).toBe(200)
  })
  await postgres.end('SIGKILL')
  const changing = counter.write(cluster.controls[0]!, 9_999)
  const [first, second] = [cluster.endpoints[0]!, cluster.endpoints[1]!]
  await first.kill()
  await cluster.answers([second])
  await postgres.resume()
  expect((await changing)?.status).toBe(200)
  await first.start()
  await cluster.answers([first, second])
  for (const nameserver of cluster.nameservers)
    await eventually(async () => {
      expect(await cluster.dig(nameserver, counter.name, 'TXT')).toEqual(['"9999"'])
    })
})

it('gives a nameserver that knows nothing the same plan from a restored backup', async () => {
  const [control, nameserver] = [cluster.controls[0]!, cluster.nameservers[0]!]
  await cluster.answers(cluster.endpoints)
  const before = planDigest(nameserver.process)
  expect(before.records).toBeGreaterThan(3)
  const [backup, restored] = ['cluster.backup', 'restored.sqlite'].map((name) => join(cluster.folder, name))
  for (const args of [
    ['backup', url, backup!],
    ['restore', backup!, restored!],
  ])
    expect(await cluster.cli(control, 'store', ...args)).toMatchObject({ code: 0 })
  for (const service of [...cluster.controls, nameserver.process]) await service.end()
  rmSync(nameserver.process.dataDir, { recursive: true })
  cluster.configure(control, { store: restored })
  cluster.configure(nameserver.process, { controls: [cluster.nodePlace(0)] })
  await control.start()
  await nameserver.process.start()
  await cluster.answers(cluster.endpoints, [nameserver])
  expect(await cluster.dig(nameserver, counter.name, 'TXT')).toEqual(['"9999"'])
  expect(planDigest(nameserver.process)).toEqual(before)
})
