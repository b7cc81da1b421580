/**
 * A whole site goes down: 10,000 endpoints in one frame, 10,000 names to be answered anew by a real PowerDNS that is asked 5,000
 * times a second meanwhile. The time ends when every name was read back with its new answer.
 */
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { systemClock } from '../src/adapters/clock/system-clock.ts'
import { freePort } from '../src/adapters/probes/testing/free-port.ts'
import { LocalFeed } from '../src/adapters/transport/local-feed.ts'
import { LocalFrames } from '../src/adapters/transport/local-frames.ts'
import type { Configuration } from '../src/core/model/configuration.ts'
import { createNameserver } from '../src/nameserver/context.ts'
import type { PublishedAnswer } from '../src/ports/report.ts'
import { OneChecker } from './one-checker.ts'
import { addressAt, BALANCERS, balancerName, keyAt } from './plan-world.ts'

const QUERIES_PER_SEC = 5_000
const GIVE_UP_MS = 120_000
const LOST_SITE = 3

/** Names that were read back without the address that they are to lose. */
class ReadBackWatch {
  readonly done: Promise<void>
  readonly #resolve: () => void
  readonly #waiting: Map<string, string>

  constructor(lost: ReadonlyMap<string, string>) {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.done = promise.then(() => undefined)
    this.#resolve = () => {
      resolve(undefined)
    }
    this.#waiting = new Map(lost)
  }

  published(answers: readonly PublishedAnswer[]): void {
    for (const { name, type, values, readBackAtMs } of answers) {
      const lost = this.#waiting.get(name)
      if (type === 'A' && readBackAtMs !== null && lost !== undefined && !values.includes(lost))
        this.#waiting.delete(name)
    }
    if (this.#waiting.size === 0) this.#resolve()
  }

  get left(): number {
    return this.#waiting.size
  }
}

export async function measureSiteLoss(
  configuration: Configuration,
  progress: (line: string) => void,
): Promise<{ readonly siteLossMs: number }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fairlead-bench-'))
  const stops: (() => Promise<void> | void)[] = [() => rm(dataDir, { recursive: true, force: true })]
  try {
    return { siteLossMs: await lose(configuration, { dataDir, stops, progress }) }
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

async function lose(
  configuration: Configuration,
  around: {
    readonly dataDir: string
    readonly stops: (() => Promise<void> | void)[]
    readonly progress: (line: string) => void
  },
): Promise<number> {
  const { dataDir, stops, progress } = around
  const [port, feed, frames] = [await freePort(), new LocalFeed(), new LocalFrames()]
  const names = Array.from({ length: BALANCERS }, (_, index) => balancerName(index))
  let watch = new ReadBackWatch(new Map(names.map((name) => [name, 'none'])))
  const nameserver = createNameserver({
    ...{ name: 'bench', site: 'here', dataDir, feed, frames, clock: systemClock },
    logger: pino({ level: 'silent' }),
    reporter: {
      event() {},
      published: (answers) => {
        watch.published(answers)
      },
      withdrawn() {},
      nameserver() {},
    },
    dns: { port },
    powerdns: { kind: 'supervise', leaveRunning: false },
  })
  stops.push(() => nameserver.stop())
  await nameserver.start()
  feed.publish({ revision: 1, configuration })
  const checker = new OneChecker(frames, configuration)
  checker.say(Array.from(configuration.endpoint.keys(), (key) => [key, 'up']))
  await inTime(watch, 'the first answers')
  stops.push(checker.keepSpeaking())
  const words = ['load', String(port), String(QUERIES_PER_SEC), String(BALANCERS)]
  const load = fork(new URL('propagation-client.ts', import.meta.url), words)
  stops.push(() => void load.kill('SIGKILL'))
  progress(`${BALANCERS} names are answered, ${QUERIES_PER_SEC} queries a second; a site goes down`)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  watch = new ReadBackWatch(new Map(names.map((name, index) => [name, addressAt(index, LOST_SITE)])))
  const startedMs = performance.now()
  checker.say(names.map((_, index) => [keyAt(index, LOST_SITE), 'down']))
  await inTime(watch, 'the answers without the site')
  const tookMs = performance.now() - startedMs
  if (load.exitCode !== null) throw new Error('the load ended before the site was lost')
  return tookMs
}

async function inTime(watch: ReadBackWatch, what: string): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new Error(`${what}: ${watch.left} names were not read back within ${GIVE_UP_MS} ms`))
  }, GIVE_UP_MS)
  try {
    await Promise.race([watch.done, promise])
  } finally {
    clearTimeout(timer)
  }
}
