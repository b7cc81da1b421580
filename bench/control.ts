/**
 * Controls over one store: change sets a second; how long from the request of one until a node on the feed has it, and until the
 * answer has changed; what 1,000 nodes on the feed cost. Where there are two controls, what one commits is looked for at the other.
 * All times are from before the request is sent to the API, so that the commit is in them.
 */
import { PostgresServer } from '../test/harness/postgres.ts'
import type { Bench } from './bench.ts'
import { measureAnswers } from './control-answers.ts'
import { ControlCluster } from './control-cluster.ts'
import { measureFeed, measureFleet } from './control-feed.ts'
import { measureContention, measureWrites } from './control-writes.ts'

/** Where the measurements that follow each other on one store begin to count. */
const MOVES = { writesByOne: 1_000, writes: 20_000, fleet: 60_000 }

type Progress = (line: string) => void

export const control: Bench = {
  name: 'control',
  summary:
    'change sets a second, commit to feed and to answer by SQLite and by PostgreSQL with two controls, 1,000 nodes',
  aims: [
    { metric: 'commitToAnswerP99Ms', op: '<=', bound: 1_500 },
    { metric: 'commitToAnswerNotifiedP99Ms', op: '<=', bound: 100 },
    { metric: 'changeBytesPerNode', op: '<=', bound: 1_024 },
  ],
  run: async (progress) => {
    const sqlite = await measureSqlite(progress)
    const postgres = await PostgresServer.start({ logsStatements: false })
    try {
      const answers = await measureAnswers(postgres)
      progress(`an answer has changed: ${JSON.stringify(answers)}`)
      return { ...sqlite, ...answers, ...(await measurePostgres(postgres, progress)) }
    } finally {
      await postgres.remove()
    }
  },
}

async function measureSqlite(progress: Progress) {
  await using cluster = await ControlCluster.start('store.sqlite', 1)
  const [only] = cluster.controls
  const { p50Ms, p99Ms } = await measureFeed(cluster, only!, only!)
  const sqliteChangeSetsPerSec = await measureWrites(cluster.controls, MOVES.writes)
  progress(`SQLite: ${sqliteChangeSetsPerSec} change sets a second, at a node within ${p50Ms}, ${p99Ms} ms`)
  return { sqliteChangeSetsPerSec, sqliteCommitToFeedP50Ms: p50Ms, sqliteCommitToFeedP99Ms: p99Ms }
}

async function measurePostgres(postgres: PostgresServer, progress: Progress) {
  await using cluster = await ControlCluster.start(await postgres.database(), 2)
  const { controls } = cluster
  const { p50Ms, p99Ms } = await measureFeed(cluster, controls[0]!, controls[1]!)
  progress(`PostgreSQL: at a node of the other control within ${p50Ms}, ${p99Ms} ms`)
  const oneControlChangeSetsPerSec = await measureWrites(controls.slice(0, 1), MOVES.writesByOne)
  const postgresChangeSetsPerSec = await measureWrites(controls, MOVES.writes)
  progress(`${postgresChangeSetsPerSec} change sets a second`)
  return {
    ...{ postgresChangeSetsPerSec, oneControlChangeSetsPerSec },
    ...{ commitToFeedP50Ms: p50Ms, commitToFeedP99Ms: p99Ms },
    ...(await measureContention(controls)),
    ...(await measureFleet(cluster, { firstMove: MOVES.fleet, progress })),
  }
}
