/**
 * From a register's change in the checker to the changed UDP answer: a real PowerDNS, 1,000 balancers in the zone, 2,000
 * queries a second, 500 changes; in the same run, change by change, the same through PowerDNS's own HTTP API on a zone of the
 * same size. The changed name is polled thousands of times a second, so that the refill race has every chance to happen.
 */
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { freePort } from '../src/adapters/probes/testing/free-port.ts'
import { systemClock } from '../src/adapters/clock/system-clock.ts'
import { LocalFeed } from '../src/adapters/transport/local-feed.ts'
import { LocalFrames } from '../src/adapters/transport/local-frames.ts'
import { configurationOf } from '../src/core/model/configuration.ts'
import { createNameserver } from '../src/nameserver/context.ts'
import type { Bench } from './bench.ts'
import { OneChecker } from './one-checker.ts'
import { Poller } from './propagation-poller.ts'
import { BALANCERS, primary, propagationWorld, secondary } from './propagation-world.ts'
import { quantile } from './quantile.ts'
import { round } from './round.ts'
import { untilAnswered } from './until-answered.ts'

const CHANGES = 500
const QUERIES_PER_SEC = 2_000

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
  const configuration = configurationOf(propagationWorld())
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
