/**
 * From the request of a change set at one control until the answer has changed at a nameserver of the other one: where the store
 * tells the other control of it, and where it does not and the control has to look.
 */
import { fork } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresServer } from '../test/harness/postgres.ts'
import { ControlCluster } from './control-cluster.ts'
import { addressOf, BALANCERS, balancerName, movedEndpoint } from './control-world.ts'
import { Poller } from './propagation-poller.ts'
import { quantile } from './quantile.ts'
import { round } from './round.ts'
import { untilAnswered } from './until-answered.ts'

const NOTIFIED = 200
const POLLED = 100
/** At random up to a whole period of looking at the store: the end of a change is in step with it. */
const PAUSE_MS = 500
/** What the answers move to: nothing else in the bench moves an endpoint there. */
const MOVE = 249
/** As on an engine that has no NOTIFY: the controls call it as before, and nobody hears of it. */
const SILENCE = "create function public.pg_notify(text, text) returns void language sql as 'select 1'"

export async function measureAnswers(postgres: PostgresServer) {
  const url = await postgres.database()
  const database = new URL(url).pathname.slice(1)
  // Functions of ours come before those of the server, from the first connection on.
  await postgres.query(`alter database ${database} set search_path = public, pg_catalog`)
  await using cluster = await ControlCluster.start(url, 2)
  const [writer, reader] = [cluster.controls[0]!, cluster.controls[1]!]
  const port = await cluster.nameserver(reader)
  await untilAnswered(port, balancerName(BALANCERS - 1))
  const child = fork(new URL('propagation-client.ts', import.meta.url), ['poll', String(port)])
  try {
    const poller = new Poller(child)
    const time = async (index: number, pauseMs: number): Promise<number> => {
      await delay(Math.random() * pauseMs)
      const watch = { name: balancerName(index), before: addressOf(index), after: addressOf(index, MOVE) }
      let committed: Promise<void> | undefined
      const tookMs = await poller.time(watch, () => {
        committed = writer.api.commit(`answer-change-${index}`, [movedEndpoint(index, MOVE)])
      })
      await committed
      return tookMs
    }
    const [notified, polled]: [number[], number[]] = [[], []]
    for (let index = 0; index < NOTIFIED; index += 1) notified.push(await time(index, PAUSE_MS / 10))
    await postgres.query(SILENCE, database)
    for (let index = 0; index < POLLED; index += 1) polled.push(await time(NOTIFIED + index, PAUSE_MS))
    return {
      commitToAnswerP50Ms: round(quantile(polled, 0.5), 1),
      commitToAnswerP99Ms: round(quantile(polled, 0.99), 1),
      commitToAnswerNotifiedP50Ms: round(quantile(notified, 0.5), 1),
      commitToAnswerNotifiedP99Ms: round(quantile(notified, 0.99), 1),
    }
  } finally {
    child.kill('SIGKILL')
  }
}
