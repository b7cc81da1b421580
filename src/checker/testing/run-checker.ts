/** A checker on a clock that a test advances, with a prober that it scripts: for tests alone. */
import { pino } from 'pino'
import type { LocalFeed } from '../../adapters/transport/local-feed.ts'
import type { Frame, ReportedRegister } from '../../core/health/frame.ts'
import { RegisterLedger } from '../../core/health/register-ledger.ts'
import type { FrameSink, FrameSource } from '../../ports/frames.ts'
import { Checker } from '../checker.ts'
import { FakeClock } from './fake-clock.ts'
import { ScriptedPaths } from './scripted-paths.ts'
import { ScriptedProber } from './scripted-prober.ts'
import { snapshotOf, type SnapshotParts } from './snapshots.ts'

/** Keeps every frame, and what a reader makes of them; a frame that a reader could not merge is an error. */
class RecordingSink implements FrameSink {
  readonly frames: Frame[] = []
  readonly ledger = new RegisterLedger()
  makeSnapshot: (() => Frame) | null = null

  send(frame: Frame): void {
    this.frames.push(frame)
    const { kind } = this.ledger.merge(frame, 0)
    if (kind !== 'merged') throw new Error(`frame ${frame.sequence} is ${kind}`)
  }

  onSnapshotRequest(make: () => Frame): void {
    this.makeSnapshot = make
  }

  register(endpoint: string): ReportedRegister | undefined {
    return this.ledger.checker('c')?.registers.get(endpoint)
  }
}

export interface RunOptions {
  readonly feed: LocalFeed
  /** The configuration at the start, as revision 1; null: none yet. */
  readonly parts: SnapshotParts | null
  readonly maxProbes?: number
  readonly peers?: FrameSource
}

export async function runChecker({ feed, parts, peers, maxProbes = 1_000 }: RunOptions) {
  const clock = new FakeClock(1_000)
  const prober = new ScriptedProber(() => clock.monotonicMs())
  const paths = new ScriptedPaths(clock)
  const sink = new RecordingSink()
  const checker = new Checker({
    ...(peers && { peers }),
    ...{ name: 'c', site: 's1', feed, sink, prober, paths, clock, maxProbes },
    reserveIncarnation: () => Promise.resolve(42),
    logger: pino({ level: 'silent' }),
  })
  if (parts !== null) feed.publish(snapshotOf(1, parts))
  await checker.start()
  return { clock, prober, paths, feed, sink, checker }
}
