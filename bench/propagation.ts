/**
 * From a register's change in the checker to the changed UDP answer: a real PowerDNS, 1,000 balancers in the zone, 2,000
 * queries a second, 500 changes; in the same run, change by change, the same through PowerDNS's own HTTP API on a zone of the
 * same size. The changed name is polled thousands of times a second, so that the refill race has every chance to happen.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { freePort } from '../src/adapters/probes/testing/free-port.ts'
import { systemClock } from '../src/adapters/clock/system-clock.ts'
import { LocalFeed } from '../src/adapters/transport/local-feed.ts'
import { LocalFrames } from '../src/adapters/transport/local-frames.ts'
import { configurationOf } from '../src/core/model/configuration.ts'
import { endpointSchema } from '../src/core/model/pool.ts'
import { loadBalancerSchema } from '../src/core/model/load-balancer.ts'
import { monitorSchema } from '../src/core/model/monitor.ts'
import type { Resource } from '../src/core/model/resource.ts'
import { zoneSchema } from '../src/core/model/zone.ts'
import { createNameserver } from '../src/nameserver/context.ts'
import type { Bench } from './bench.ts'
import { nowMs, type PollNote, type PollRequest } from './propagation-client.ts'
import { OneChecker } from './one-checker.ts'
import { quantile } from './quantile.ts'
import { round } from './round.ts'
import { untilAnswered } from './until-answered.ts'

const BALANCERS = 1_000
const CHANGES = 500
const QUERIES_PER_SEC = 2_000
const GIVE_UP_MS = 10_000
const PAUSE_MS = 10

export const propagation: Bench = {
  name: 'propagation',
  summary: "a register's change to the changed UDP answer, under load, beside PowerDNS's HTTP API",
  aims: [
    { metric: 'p50Ms', op: '<=', bound: 3 },
    { metric: 'ratioToHttpApi', op: '>=', bound: 3 },
    { metric: 'maxStaleMs', op: '<=', bound: 2_000 },
  ],
  run: async (progress) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'fairlead-bench-'))
    const stops: (() => Promise<void> | void)[] = [() => rm(dataDir, { recursive: true, force: true })]
    try {
      return await measure(dataDir, stops, progress)
    } finally {
      for (const stop of stops.reverse()) await stop()
    }
  },
}

const primary = (index: number) => `10.1.${index >> 8}.${index & 255}`
const secondary = (index: number) => `10.2.${index >> 8}.${index & 255}`

async function measure(
  dataDir: string,
  stops: (() => Promise<void> | void)[],
  progress: (line: string) => void,
): Promise<Record<string, number>> {
  const [port, apiPort] = [await freePort(), await freePort()]
  const api = { port: apiPort, key: randomBytes(24).toString('hex') }
  const [feed, frames] = [new LocalFeed(), new LocalFrames()]
  const nameserver = createNameserver({
    ...{ name: 'bench', site: 'here', dataDir, feed, frames, clock: systemClock },
    logger: pino({ level: 'silent' }),
    reporter: { event() {}, published() {}, withdrawn() {}, nameserver() {} },
    dns: { port },
    powerdns: { kind: 'supervise', leaveRunning: false, httpApi: api },
  })
  stops.push(() => nameserver.stop())
  await nameserver.start()
  const configuration = configurationOf(world())
  feed.publish({ revision: 1, configuration })
  const checker = new OneChecker(frames, configuration)
  checker.say(Array.from(configuration.endpoint.keys(), (key) => [key, 'up']))
  await untilAnswered(port, `b${BALANCERS - 1}.example.test`)
  await untilAnswered(port, `b${BALANCERS - 1}.api.test`)
  stops.push(checker.keepSpeaking())
  const start = (...words: string[]) => {
    const child = fork(new URL('propagation-client.ts', import.meta.url), words)
    stops.push(() => void child.kill('SIGKILL'))
    return child
  }
  start('load', String(port), String(QUERIES_PER_SEC), String(BALANCERS))
  const poller = new Poller(start('poll', String(port)))
  const agent = new Agent({ keepAlive: true })
  stops.push(() => {
    agent.destroy()
  })
  progress(`${BALANCERS} balancers are answered; ${CHANGES} changes each way, ${QUERIES_PER_SEC} queries/s`)
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let index = 0; index < CHANGES; index += 1) {
    const change = { before: primary(index), after: secondary(index) }
    ours.push(
      await poller.time({ ...change, name: `b${index}.example.test` }, () => {
        checker.say([[`p${index}/a`, 'down']])
      }),
    )
    const name = `b${index}.api.test`
    theirs.push(
      await poller.time({ ...change, name }, () => {
        patch({ ...api, agent }, name, secondary(index))
      }),
    )
    if ((index + 1) % 100 === 0)
      progress(`${index + 1}: ours p50 ${ms(ours, 0.5)} ms, HTTP API p50 ${ms(theirs, 0.5)} ms`)
  }
  const maxStaleMs = await poller.maxStale('.example.test')
  const [p50Ms, httpApiP50Ms] = [ms(ours, 0.5), ms(theirs, 0.5)]
  return {
    ...{ p50Ms, p99Ms: ms(ours, 0.99), maxMs: ms(ours, 1), httpApiP50Ms },
    ratioToHttpApi: round(httpApiP50Ms / p50Ms, 2),
    maxStaleMs,
  }
}

function world(): Resource[] {
  const indices = Array.from({ length: BALANCERS }, (_, index) => index)
  const zone = (name: string, records: object[]): Resource => ({
    kind: 'zone',
    key: name,
    spec: zoneSchema.parse({ name, nameservers: ['ns.example.net'], records }),
  })
  const endpoint = (pool: string, name: string, address: string): Resource => {
    const spec = endpointSchema.parse({ name, address, port: 80, site: 'here' })
    return { kind: 'endpoint', key: `${pool}/${name}`, spec }
  }
  return [
    zone('example.test', []),
    zone(
      'api.test',
      indices.map((index) => ({ name: `b${index}`, type: 'A', ttlSec: 30, values: [primary(index)] })),
    ),
    { kind: 'monitor', key: 'tcp', spec: monitorSchema.parse({ kind: 'tcp', name: 'tcp' }) },
    ...indices.flatMap((index): Resource[] => {
      const [first, second, name] = [`p${index}`, `s${index}`, `b${index}.example.test`]
      const policy = { kind: 'failover', tiers: [{ pool: first }, { pool: second }] }
      const spec = loadBalancerSchema.parse({ name, zone: 'example.test', policy })
      return [
        ...[first, second].map((pool): Resource => ({
          kind: 'pool',
          key: pool,
          spec: { name: pool, monitors: ['tcp'] },
        })),
        endpoint(first, 'a', primary(index)),
        endpoint(second, 'a', secondary(index)),
        { kind: 'loadBalancer', key: name, spec },
      ]
    }),
  ]
}

/** The polling process, and what it saw. */
class Poller {
  readonly #child: ChildProcess
  readonly #changedAtMs = new Map<string, number>()
  readonly #staleMs = new Map<string, number>()
  #waiting: { kind: PollNote['kind']; name: string; resolve: (note: PollNote) => void } | null = null

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (note: PollNote) => {
      if (note.kind === 'watched')
        this.#staleMs.set(note.name, note.lastOldAtMs - (this.#changedAtMs.get(note.name) ?? 0))
      else if (this.#waiting?.kind === note.kind && this.#waiting.name === note.name)
        this.#waiting.resolve(note)
    })
  }

  /** Milliseconds from the change to its first answer. */
  async time(watch: PollRequest, change: () => void): Promise<number> {
    this.#child.send(watch)
    await this.#note('polling', watch.name)
    await delay(PAUSE_MS)
    const seen = this.#note('seen', watch.name)
    const changedAtMs = nowMs()
    this.#changedAtMs.set(watch.name, changedAtMs)
    change()
    const note = await seen
    return note.kind === 'seen' ? note.atMs - changedAtMs : Infinity
  }

  /** The longest time after a change at which the old answer was still given, once every name has been watched. */
  async maxStale(suffix: string): Promise<number> {
    while (this.#staleMs.size < this.#changedAtMs.size) await once(this.#child, 'message')
    const stale = Array.from(this.#staleMs).filter(([name]) => name.endsWith(suffix))
    return round(Math.max(0, ...stale.map(([, staleMs]) => staleMs)), 2)
  }

  #note(kind: PollNote['kind'], name: string): Promise<PollNote> {
    const { promise, resolve, reject } = Promise.withResolvers<PollNote>()
    const timer = setTimeout(() => {
      reject(new Error(`${name}: not '${kind}' within ${GIVE_UP_MS} ms`))
    }, GIVE_UP_MS)
    this.#waiting = { kind, name, resolve }
    return promise.finally(() => {
      clearTimeout(timer)
    })
  }
}

function patch(
  api: { readonly port: number; readonly key: string; readonly agent: Agent },
  name: string,
  address: string,
) {
  const body = JSON.stringify({
    rrsets: [
      {
        ...{ name: `${name}.`, type: 'A', ttl: 30, changetype: 'REPLACE' },
        records: [{ content: address, disabled: false }],
      },
    ],
  })
  const call = request({
    ...{ host: '127.0.0.1', port: api.port, agent: api.agent, method: 'PATCH' },
    path: '/api/v1/servers/localhost/zones/api.test.',
    headers: {
      'X-API-Key': api.key,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    },
  })
  call.on('response', (response) => {
    response.resume()
    if (response.statusCode !== 204) throw new Error(`PowerDNS's HTTP API answered ${response.statusCode}`)
  })
  call.end(body)
}

function ms(values: readonly number[], share: number): number {
  return round(quantile(values, share), 2)
}
