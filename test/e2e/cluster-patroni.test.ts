/**
 * The store on a real Patroni cluster, a primary and two standbys: the primary is killed, and later changed by plan, under a load
 * of change sets through two controls. Nothing acknowledged is lost, nothing applied twice, writes go on, and DNS notices nothing.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PatroniCluster, type PatroniMember } from '../harness/patroni.ts'
import { Cluster } from './harness/cluster.ts'
import { Counter } from './harness/counter.ts'
import { eventually } from './harness/eventually.ts'
import { QueryLoad } from './harness/query-load.ts'

const WRITERS = 4
/** Acknowledged, before something happens and after it. */
const UPDATES = 40
/** A change is tried again for so long before its sender is told that it failed. */
const PATIENCE_MS = 20_000

let patroni: PatroniCluster
let url: string
let cluster: Cluster
let counter: Counter
let load: QueryLoad
beforeAll(async () => {
  patroni = await PatroniCluster.start()
  url = await patroni.database('fairlead')
  cluster = new Cluster({ store: url })
  await cluster.start()
  // A machine that stands still for a moment takes no endpoint out: their health is not what is asked here.
  await cluster.apply(cluster.document().replace('fall: 2', 'fall: 10'))
  await cluster.answers(cluster.endpoints)
  counter = new Counter(cluster.controls)
  load = new QueryLoad(
    Object.fromEntries(
      cluster.nameservers.map(({ process, address, port }) => [process.name, { address, port }]),
    ),
    'www.cluster.test',
    cluster.endpoints.map(({ address }) => address),
  )
})
afterAll(async () => {
  await load.end()
  await cluster.stop()
  await patroni.remove()
})

/** While changes come in through both controls; they have to come in again through both afterwards. */
async function underLoad(what: string, happen: () => Promise<void>): Promise<void> {
  await counter.zero()
  load.take()
  let isOver = false
  const raising = counter.raise(WRITERS, () => isOver)
  const more = async (sinceMs: number) => {
    const enough = counter.seen.done + UPDATES
    await eventually(
      () => {
        expect(counter.seen.done).toBeGreaterThan(enough)
        for (const control of cluster.controls)
          expect(counter.rhythm.get(control)?.sentMs).toBeGreaterThan(sinceMs)
      },
      { withinMs: 2 * PATIENCE_MS, everyMs: 10 },
    )
  }
  try {
    await more(0)
    await happen()
    await more(performance.now())
  } finally {
    isOver = true
    await raising
  }
  const pausesMs = cluster.controls.map((control) => Math.round(counter.rhythm.get(control)?.pauseMs ?? 0))
  console.info(`${what}: without a change for ${pausesMs.join(' and ')} ms; ${JSON.stringify(counter.seen)}`)
  await counter.isSoundIn(url)
  expect(Math.max(...pausesMs)).toBeLessThan(PATIENCE_MS)
  const counts = load.take()
  expect(Object.keys(counts)).toHaveLength(cluster.nameservers.length)
  for (const [server, { answered, wrong, empty, servfail, silent }] of Object.entries(counts)) {
    expect({ server, wrong, empty, servfail, silent }).toEqual({
      server,
      ...{ wrong: 0, empty: 0, servfail: 0, silent: 0 },
    })
    expect(answered).toBeGreaterThan(UPDATES)
  }
}

let first: PatroniMember

it('loses nothing that was acknowledged, and applies nothing twice, when the primary is killed', async () => {
  first = await patroni.primary()
  await underLoad('kill -9 of the primary', async () => {
    await patroni.kill(first)
    expect((await patroni.primary()).name).not.toBe(first.name)
  })
})

it('goes on when the old primary comes back as a standby, and when another one is chosen by plan', async () => {
  await underLoad('a planned switchover', async () => {
    await patroni.resume(first)
    await patroni.isWhole()
    const before = await patroni.primary()
    expect(before.name).not.toBe(first.name)
    await patroni.switchover()
    expect((await patroni.primary()).name).not.toBe(before.name)
  })
})
