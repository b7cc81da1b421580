/** The object graph of a checker: the only place here that constructs adapters. */
import type { Logger } from 'pino'
import { reserveIncarnation } from '../adapters/durable-file/incarnation-file.ts'
import { tuneHeap } from '../adapters/heap/tune-heap.ts'
import { MonitorProber } from '../adapters/probes/monitor-prober.ts'
import { openFileLimit } from '../adapters/probes/open-file-limit.ts'
import { TcpPathProber } from '../adapters/probes/tcp-path-prober.ts'
import type { Clock } from '../ports/clock.ts'
import type { Feed } from '../ports/feed.ts'
import type { FrameSink, FrameSource } from '../ports/frames.ts'
import { Checker, type CheckerStats } from './checker.ts'

export interface CheckerContext {
  readonly name: string
  readonly site: string
  readonly dataDir: string
  readonly feed: Feed
  readonly sink: FrameSink
  /** The frames of the other checkers, where there are others. */
  readonly peers?: FrameSource
  readonly clock: Clock
  readonly logger: Logger
}

export interface RunningChecker {
  /** Resolves when the first frame is sent; a CommandError when the data directory cannot be written. */
  start(): Promise<void>
  /** Resolves when no probe holds a socket any more. */
  stop(): Promise<void>
  stats(): CheckerStats
}

/**
 * Probes at once: half of what the process may have open, since frames, feed and kept connections need some too. Where
 * thousands of endpoints die at once each probe takes its whole time-out, so that the limit, divided by the time-out, is how many
 * are found out in a second.
 */
const MOST_PROBES = 10_000

export function createChecker({ dataDir, ...context }: CheckerContext): RunningChecker {
  const { clock, logger } = context
  tuneHeap()
  return new Checker({
    ...context,
    prober: new MonitorProber(),
    paths: new TcpPathProber(),
    reserveIncarnation: () => reserveIncarnation(dataDir, clock.wallMs(), logger),
    maxProbes: Math.min(MOST_PROBES, Math.floor(openFileLimit() / 2)),
  })
}
