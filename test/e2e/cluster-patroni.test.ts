/**
 * The store on a real Patroni cluster, a primary and two standbys: the primary is killed, stands still, and is changed by plan, under
 * a load of change sets through two controls. Nothing acknowledged is lost, nothing applied twice, writes go on, and DNS notices nothing.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PatroniCluster, type PatroniMember } from '../harness/patroni.ts'
import { Cluster } from './harness/cluster.ts'
import { Counter } from './harness/counter.ts'
import { eventually } from './harness/eventually.ts'
import { GuideShell } from './harness/guide-shell.ts'
import { guideSteps } from './harness/guide-steps.ts'
import { keepPauses, type Pause } from './harness/keep-pauses.ts'
import { QueryLoad } from './harness/query-load.ts'

const WRITERS = 4
/** Acknowledged, before something happens and after it. */
const UPDATES = 20
/** A change is tried again for 20 s before its sender is told that it failed; here it has to be taken in twice of that. */
const TAKEN_AGAIN_MS = 40_000

let patroni: PatroniCluster
let url: string
let cluster: Cluster
let counter: Counter
let load: QueryLoad
let guide: GuideShell
const pauses: Pause[] = []
beforeAll(async () => {
  patroni = await PatroniCluster.start()
  url = await patroni.database('fairlead')
  cluster = new Cluster({ store: url })
  await cluster.start()
  // A machine that stands still for a moment takes no endpoint out: their health is not what is asked here.
  await cluster.apply(cluster.document().replace('fall: 2', 'fall: 10'))
  await cluster.answers(cluster.endpoints)
  counter = new Counter(cluster.controls)
  const environment = { STORE: url, PATRONICTL_CONFIG_FILE: patroni.members[0]!.configFile }
  guide = new GuideShell(cluster.folder, { network: 'shared', environment })
  load = new QueryLoad(
    Object.fromEntries(
      cluster.nameservers.map(({ process, address, port }) => [process.name, { address, port }]),
    ),
    'www.cluster.test',
    cluster.endpoints.map(({ address }) => address),
  )
})
afterAll(async () => {
  keepPauses(pauses)
  await guide.end()
  await load.end()
  await cluster.stop()
  await patroni.remove()
})

/** While changes come in through both controls; they have to come in again through both afterwards. */
async function underLoad(what: string, happen: (primary: PatroniMember) => Promise<void>): Promise<void> {
  await patroni.isWhole()
  const before = await patroni.primary()
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
      { withinMs: TAKEN_AGAIN_MS, everyMs: 10 },
    )
  }
  try {
    await more(0)
    await happen(before)
    expect((await patroni.primary()).name).not.toBe(before.name)
    await more(performance.now())
  } finally {
    isOver = true
    await raising
  }
  const pausesMs = cluster.controls.map((control) => Math.round(counter.rhythm.get(control)?.pauseMs ?? 0))
  pauses.push({ what, pausesMs })
  console.info(`${what}: without a change for ${pausesMs.join(' and ')} ms; ${JSON.stringify(counter.seen)}`)
  await counter.isSoundIn(url)
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

it('loses nothing that was acknowledged, and applies nothing twice, when the primary is killed', async () => {
  await underLoad('the primary is killed (`kill -9` of Patroni and PostgreSQL)', async (primary) => {
    await patroni.kill(primary)
    await patroni.primary()
    patroni.resume(primary)
  })
})

it('takes no change through a primary that stood still, and wakes after another one took over', async () => {
  await underLoad('the primary stands still, with its connections open, and wakes', async (primary) => {
    await patroni.freeze(primary)
    await patroni.primary()
    await patroni.thaw(primary)
  })
})

it('goes on while all of the guide is followed, with its switchover', async () => {
  const steps = guideSteps(join(import.meta.dirname, '../../docs/guides/cluster/patroni.md'))
  expect(steps.filter(({ kind }) => kind === 'command').length).toBeGreaterThan(4)
  await underLoad('another primary is chosen by plan', async () => {
    for (const step of steps) await guide.take(step)
  })
})
