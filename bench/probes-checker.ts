/**
 * A whole checker with 30,000 HTTP checks every 10 s, in a process of its own: `probes-checker.ts PORT`. It tells what it
 * counted, each time that it is asked.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { systemClock } from '../src/adapters/clock/system-clock.ts'
import { LocalFeed } from '../src/adapters/transport/local-feed.ts'
import { LocalFrames } from '../src/adapters/transport/local-frames.ts'
import { createChecker } from '../src/checker/context.ts'
import { snapshotOf } from '../src/checker/testing/snapshots.ts'
import { targetAddress } from './probes-load.ts'

export interface CheckerTally {
  readonly probes: Readonly<Record<'success' | 'failure' | 'local-error', number>>
  readonly lateCounts: readonly number[]
  readonly rssBytes: number
}

const ENDPOINTS = 30_000
const INTERVAL_MS = 10_000

async function run(port: number): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fairlead-bench-'))
  const feed = new LocalFeed()
  const checker = createChecker({
    ...{ name: 'bench', site: 's', dataDir, feed, sink: new LocalFrames(), clock: systemClock },
    logger: pino({ level: 'silent' }),
  })
  await checker.start()
  const monitor = { kind: 'http', name: 'web', intervalMs: INTERVAL_MS } as const
  const endpoints = Array.from({ length: ENDPOINTS }, (_, index) => ({
    ...{ name: `e${index}`, address: targetAddress(index), port },
  }))
  feed.publish(snapshotOf(1, { monitors: [monitor], endpoints }))
  process.on('message', () => {
    const { probes, lateCounts } = checker.stats()
    process.send?.({ probes, lateCounts, rssBytes: process.memoryUsage.rss() } satisfies CheckerTally)
  })
  process.on('disconnect', () => {
    void checker.stop().then(() => rm(dataDir, { recursive: true }))
  })
}

if (import.meta.main) await run(Number(process.argv[2]))
