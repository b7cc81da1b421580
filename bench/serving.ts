/**
 * What a query costs the DNS server, in CPU time of its process: plain, weighted, sticky and geo answers as Fairlead publishes
 * them, beside a static zone in the same PowerDNS, and beside gdnsd with the same resources, all in turns in the same run.
 *
 * Plain and static answers come from PowerDNS's packet cache nearly always, as they do for a name that people ask for. Steered
 * ones are made anew for each query, by both servers. Sticky and geo queries carry a client subnet, always another one; gdnsd
 * has nothing sticky, so sticky is compared with its weighted answers to the same queries.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { systemClock } from '../src/adapters/clock/system-clock.ts'
import { findServers } from '../src/adapters/powerdns/running-servers.ts'
import { freePort } from '../src/adapters/probes/testing/free-port.ts'
import { LocalFeed } from '../src/adapters/transport/local-feed.ts'
import { LocalFrames } from '../src/adapters/transport/local-frames.ts'
import { createNameserver } from '../src/nameserver/context.ts'
import type { Bench } from './bench.ts'
import { ensurePackages } from './debian-packages.ts'
import { quantile } from './quantile.ts'
import { round } from './round.ts'
import type { ServingCount, ServingOrder } from './serving-client.ts'
import { Gdnsd } from './serving-gdnsd.ts'
import { nameOf, NAMES, places, servingConfiguration } from './serving-world.ts'
import { threadsCpuNs } from './thread-cpu.ts'
import { untilAnswered } from './until-answered.ts'

const ROUNDS = 3
const QUERIES = 20_000
const QUERIES_PER_SEC = 5_000
const WARM_QUERIES = 5_000

interface Subject {
  readonly metric: string
  readonly pid: number
  readonly order: Omit<ServingOrder, 'queries' | 'perSec'>
}

export const serving: Bench = {
  name: 'serving',
  summary: 'CPU of a query: plain, weighted, sticky and geo answers beside a static zone and gdnsd',
  aims: [{ metric: 'plainRatioToStatic', op: '<=', bound: 1.05 }],
  run: async (progress) => {
    await ensurePackages([{ name: 'gdnsd', program: 'gdnsd', versionOption: '--version' }], progress)
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-bench-'))
    const stops: (() => Promise<void> | void)[] = [() => rm(folder, { recursive: true, force: true })]
    try {
      return await measure(folder, stops, progress)
    } finally {
      for (const stop of stops.reverse()) await stop()
    }
  },
}

async function measure(
  folder: string,
  stops: (() => Promise<void> | void)[],
  progress: (line: string) => void,
): Promise<Record<string, number>> {
  const subjects = [...(await fairlead(folder, stops)), ...(await gdnsd(folder, stops))]
  const client = fork(new URL('serving-client.ts', import.meta.url))
  stops.push(() => void client.kill('SIGKILL'))
  const costs = new Map<string, number[]>()
  for (const { order } of subjects)
    await asked(client, { ...order, queries: WARM_QUERIES, perSec: QUERIES_PER_SEC })
  for (let turn = 1; turn <= ROUNDS; turn += 1)
    for (const { metric, pid, order } of subjects) {
      const before = await threadsCpuNs(pid)
      const { replies, answered } = await asked(client, {
        ...order,
        queries: QUERIES,
        perSec: QUERIES_PER_SEC,
      })
      if (answered < QUERIES * 0.99)
        throw new Error(`${metric}: ${replies} replies and ${answered} answers to ${QUERIES} queries`)
      const us = ((await threadsCpuNs(pid)) - before) / 1_000 / replies
      costs.set(metric, [...(costs.get(metric) ?? []), us])
      progress(`round ${turn} of ${ROUNDS}: ${metric} ${round(us, 2)}`)
    }
  const median = (metric: string) => quantile(costs.get(metric) ?? [], 0.5)
  const ratio = (one: string, other: string) => round(median(one) / median(other), 3)
  return {
    ...Object.fromEntries([...costs.keys()].map((metric) => [metric, round(median(metric), 2)])),
    plainRatioToStatic: ratio('plainUs', 'staticUs'),
    weightedRatioToGdnsd: ratio('weightedUs', 'gdnsdWeightedUs'),
    stickyRatioToGdnsd: ratio('stickyUs', 'gdnsdWeightedSubnetUs'),
    geoRatioToGdnsd: ratio('geoUs', 'gdnsdGeoUs'),
  }
}

/** A real nameserver of ours, as it publishes. */
async function fairlead(folder: string, stops: (() => Promise<void> | void)[]): Promise<Subject[]> {
  const [port, feed, dataDir] = [await freePort(), new LocalFeed(), join(folder, 'fairlead')]
  const locations = join(folder, 'places.mmdb')
  await writeFile(locations, places())
  const nameserver = createNameserver({
    ...{ name: 'bench', site: 'here', dataDir, feed, frames: new LocalFrames(), clock: systemClock },
    logger: pino({ level: 'silent' }),
    reporter: { event() {}, published() {}, withdrawn() {}, nameserver() {} },
    dns: { port },
    powerdns: { kind: 'supervise', leaveRunning: false },
    geoipDatabases: [locations],
  })
  stops.push(() => nameserver.stop())
  await nameserver.start()
  feed.publish({ revision: 1, configuration: servingConfiguration() })
  await untilAnswered(port, nameOf('geo', NAMES - 1))
  const [server] = findServers(join(dataDir, 'powerdns', 'conf'))
  if (server === undefined) throw new Error('PowerDNS does not run')
  const subject = (kind: string, sendsSubnet: boolean, zone?: string): Subject => ({
    metric: `${kind}Us`,
    pid: server.pid,
    order: { port, names: namesOf(kind, zone), sendsSubnet },
  })
  return [
    subject('static', false, 'static.test'),
    subject('plain', false),
    subject('weighted', false),
    subject('sticky', true),
    subject('geo', true),
  ]
}

async function gdnsd(folder: string, stops: (() => Promise<void> | void)[]): Promise<Subject[]> {
  const server = await Gdnsd.start(join(folder, 'gdnsd'))
  stops.push(() => server[Symbol.asyncDispose]())
  const { port } = server
  await untilAnswered(port, nameOf('geo', NAMES - 1, 'gdnsd.test'))
  const subject = (metric: string, kind: string, sendsSubnet: boolean): Subject => ({
    ...{ metric, pid: server.pid, order: { port, names: namesOf(kind, 'gdnsd.test'), sendsSubnet } },
  })
  return [
    subject('gdnsdWeightedUs', 'weighted', false),
    subject('gdnsdWeightedSubnetUs', 'weighted', true),
    subject('gdnsdGeoUs', 'geo', true),
  ]
}

function namesOf(kind: string, zone?: string): string[] {
  return Array.from({ length: NAMES }, (_, index) => nameOf(kind, index, zone))
}

async function asked(client: ChildProcess, order: ServingOrder): Promise<ServingCount> {
  client.send(order)
  const [count] = (await once(client, 'message')) as [ServingCount]
  return count
}
