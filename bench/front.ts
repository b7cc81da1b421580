/**
 * What a query costs all server processes of a nameserver, with dnsdist before PowerDNS and without: plain, weighted, sticky, and
 * plain in a signed zone; beside gdnsd with the same resources, all in turns in the same run. Then how fresh the answers through
 * dnsdist are: from a register's change in the checker to the changed UDP answer, under 5,000 queries a second.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { systemClock } from '../src/adapters/clock/system-clock.ts'
import { newEncryptionKey, vaultOf } from '../src/adapters/dnssec/key-vault.ts'
import { findServers } from '../src/adapters/powerdns/running-servers.ts'
import { freePort } from '../src/adapters/probes/testing/free-port.ts'
import { LocalFeed } from '../src/adapters/transport/local-feed.ts'
import { LocalFrames } from '../src/adapters/transport/local-frames.ts'
import { configurationOf } from '../src/core/model/configuration.ts'
import { createNameserver } from '../src/nameserver/context.ts'
import type { FrontChoice } from '../src/nameserver/front/front-choice.ts'
import type { Bench } from './bench.ts'
import { ensurePackages } from './debian-packages.ts'
import { signedServingConfiguration } from './front-world.ts'
import { OneChecker } from './one-checker.ts'
import { Poller } from './propagation-poller.ts'
import { BALANCERS, primary, propagationWorld, secondary } from './propagation-world.ts'
import { quantile } from './quantile.ts'
import { round } from './round.ts'
import type { ServingCount, ServingOrder } from './serving-client.ts'
import { Gdnsd } from './serving-gdnsd.ts'
import { nameOf, NAMES } from './serving-world.ts'
import { threadsCpuNs } from './thread-cpu.ts'
import { untilAnswered } from './until-answered.ts'

const ROUNDS = 3
const QUERIES = 20_000
const QUERIES_PER_SEC = 5_000
const WARM_QUERIES = 5_000
const CHANGES = 300

type Stops = (() => Promise<void> | void)[]
type Progress = (line: string) => void

interface Subject {
  readonly metric: string
  /** All processes that answer. */
  readonly pids: readonly number[]
  readonly order: Omit<ServingOrder, 'queries' | 'perSec'>
}

export const front: Bench = {
  name: 'front',
  summary: 'CPU of a query with dnsdist before PowerDNS and without, beside gdnsd; freshness through dnsdist',
  aims: [
    { metric: 'weightedRatioToGdnsd', op: '<=', bound: 2 },
    { metric: 'changeP99Ms', op: '<=', bound: 20 },
    { metric: 'maxStaleMs', op: '<=', bound: 1_000 },
  ],
  run: async (progress) => {
    const packages = [
      { name: 'gdnsd', program: 'gdnsd', versionOption: '--version' },
      { name: 'dnsdist', program: 'dnsdist', versionOption: '--version' },
    ]
    await ensurePackages(packages, progress)
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-bench-'))
    const within = async <T>(run: (stops: Stops) => Promise<T>): Promise<T> => {
      const stops: Stops = []
      try {
        return await run(stops)
      } finally {
        for (const stop of stops.reverse()) await stop()
      }
    }
    try {
      const costs = await within((stops) => measureCosts(folder, stops, progress))
      return { ...costs, ...(await within((stops) => measureFreshness(folder, stops, progress))) }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function measureCosts(
  folder: string,
  stops: Stops,
  progress: Progress,
): Promise<Record<string, number>> {
  const subjects = [
    ...(await fairlead(join(folder, 'alone'), stops, { prefix: '' })),
    ...(await fairlead(join(folder, 'fronted'), stops, { prefix: 'front', front: await choice() })),
    ...(await gdnsd(folder, stops)),
  ]
  const client = fork(new URL('serving-client.ts', import.meta.url))
  stops.push(() => void client.kill('SIGKILL'))
  const costs = new Map<string, number[]>()
  for (const { order } of subjects)
    await asked(client, { ...order, queries: WARM_QUERIES, perSec: QUERIES_PER_SEC })
  for (let turn = 1; turn <= ROUNDS; turn += 1)
    for (const { metric, pids, order } of subjects) {
      const before = await cpuNs(pids)
      const count = await asked(client, { ...order, queries: QUERIES, perSec: QUERIES_PER_SEC })
      if (count.answered < QUERIES * 0.99)
        throw new Error(`${metric}: ${count.answered} answers to ${QUERIES} queries`)
      const us = ((await cpuNs(pids)) - before) / 1_000 / count.replies
      costs.set(metric, [...(costs.get(metric) ?? []), us])
      progress(`round ${turn} of ${ROUNDS}: ${metric} ${round(us, 2)}`)
    }
  const median = (metric: string) => quantile(costs.get(metric) ?? [], 0.5)
  const ratio = (one: string, other: string) => round(median(one) / median(other), 3)
  return {
    ...Object.fromEntries([...costs.keys()].map((metric) => [metric, round(median(metric), 2)])),
    plainRatioToGdnsd: ratio('frontPlainUs', 'gdnsdPlainUs'),
    weightedRatioToGdnsd: ratio('frontWeightedUs', 'gdnsdWeightedUs'),
  }
}

async function measureFreshness(
  folder: string,
  stops: Stops,
  progress: Progress,
): Promise<Record<string, number>> {
  const [port, feed, frames] = [await freePort(), new LocalFeed(), new LocalFrames()]
  const dataDir = join(folder, 'fresh')
  const nameserver = createNameserver({ ...common({ dataDir, port, feed, frames }), front: await choice() })
  stops.push(() => nameserver.stop())
  await nameserver.start()
  const configuration = configurationOf(propagationWorld())
  feed.publish({ revision: 1, configuration })
  const checker = new OneChecker(frames, configuration)
  checker.say(Array.from(configuration.endpoint.keys(), (key) => [key, 'up']))
  await untilAnswered(port, `b${BALANCERS - 1}.example.test`)
  stops.push(checker.keepSpeaking())
  const start = (...words: string[]) => {
    const child = fork(new URL('propagation-client.ts', import.meta.url), words)
    stops.push(() => void child.kill('SIGKILL'))
    return child
  }
  start('load', String(port), String(QUERIES_PER_SEC), String(BALANCERS))
  const poller = new Poller(start('poll', String(port)))
  const times: number[] = []
  for (let index = 0; index < CHANGES; index += 1) {
    const watch = { name: `b${index}.example.test`, before: primary(index), after: secondary(index) }
    times.push(
      await poller.time(watch, () => {
        checker.say([[`p${index}/a`, 'down']])
      }),
    )
    if ((index + 1) % 100 === 0) progress(`${index + 1} changes: p50 ${round(quantile(times, 0.5), 2)} ms`)
  }
  return {
    changeP50Ms: round(quantile(times, 0.5), 2),
    changeP99Ms: round(quantile(times, 0.99), 2),
    changeMaxMs: round(quantile(times, 1), 2),
    maxStaleMs: await poller.maxStale('.example.test'),
  }
}

function common(parts: {
  readonly dataDir: string
  readonly port: number
  readonly feed: LocalFeed
  readonly frames: LocalFrames
}) {
  const { dataDir, port, feed, frames } = parts
  return {
    ...{ name: 'bench', site: 'here', dataDir, feed, frames, clock: systemClock, dns: { port } },
    logger: pino({ level: 'silent' }),
    reporter: { event() {}, published() {}, withdrawn() {}, nameserver() {} },
    powerdns: { kind: 'supervise', leaveRunning: false } as const,
  }
}

async function choice(): Promise<FrontChoice> {
  for (;;) {
    const [port, second, third] = [await freePort(), await freePort(), await freePort()]
    if (second !== port + 1 || third !== port + 2) continue
    return {
      ...{ kind: 'supervise', backend: { host: '127.0.0.1', port }, neighbours: [] },
      ...{ clientQueriesPerSec: 10_000_000, unknownNamesPerSec: 10_000_000 },
    }
  }
}

/** A real nameserver of ours, as it publishes. */
async function fairlead(
  dataDir: string,
  stops: Stops,
  { prefix, front: before }: { readonly prefix: string; readonly front?: FrontChoice },
): Promise<Subject[]> {
  const [port, feed, vault] = [await freePort(), new LocalFeed(), vaultOf(newEncryptionKey())]
  const nameserver = createNameserver({
    ...common({ dataDir, port, feed, frames: new LocalFrames() }),
    ...{ vault, ...(before && { front: before }) },
  })
  stops.push(() => nameserver.stop())
  await nameserver.start()
  feed.publish({ revision: 1, configuration: await signedServingConfiguration(vault) })
  await untilAnswered(port, nameOf('sticky', NAMES - 1))
  await untilAnswered(port, nameOf('static', NAMES - 1, 'signed.test'))
  const servers = ['powerdns', 'front'].flatMap((folder) =>
    before === undefined && folder === 'front' ? [] : findServers(join(dataDir, folder, 'conf')),
  )
  const subject = (kind: string, sendsSubnet: boolean): Subject => ({
    metric: prefix === '' ? `${kind}Us` : `${prefix}${kind.charAt(0).toUpperCase()}${kind.slice(1)}Us`,
    pids: servers.map(({ pid }) => pid),
    order: {
      ...{ port, sendsSubnet, dnssecOk: kind === 'signed' },
      names: kind === 'signed' ? namesOf('static', 'signed.test') : namesOf(kind),
    },
  })
  return [
    subject('plain', false),
    subject('weighted', false),
    subject('sticky', true),
    subject('signed', false),
  ]
}

async function gdnsd(folder: string, stops: Stops): Promise<Subject[]> {
  const server = await Gdnsd.start(join(folder, 'gdnsd'))
  stops.push(() => server[Symbol.asyncDispose]())
  const { port } = server
  await untilAnswered(port, nameOf('weighted', NAMES - 1, 'gdnsd.test'))
  const subject = (metric: string, kind: string): Subject => ({
    ...{ metric, pids: [server.pid] },
    order: { port, names: namesOf(kind, 'gdnsd.test'), sendsSubnet: false },
  })
  return [subject('gdnsdPlainUs', 'plain'), subject('gdnsdWeightedUs', 'weighted')]
}

function namesOf(kind: string, zone?: string): string[] {
  return Array.from({ length: NAMES }, (_, index) => nameOf(kind, index, zone))
}

async function cpuNs(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(pids.map(threadsCpuNs))
  return times.reduce((sum, ns) => sum + ns, 0)
}

async function asked(client: ChildProcess, order: ServingOrder): Promise<ServingCount> {
  client.send(order)
  const [count] = (await once(client, 'message')) as [ServingCount]
  return count
}
