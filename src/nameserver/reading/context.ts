/** What decides answers, as the last run left it on disk: verdicts, and what steering remembers. The only place here that constructs adapters. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { steeringFile } from '../../adapters/steering-file/steering-file.ts'
import { VerdictFile } from '../../adapters/verdict-file/verdict-file.ts'
import { DEFAULT_TIMES, type HealthTimes } from '../../core/health/verdict-book.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Feed } from '../../ports/feed.ts'
import type { FrameSource } from '../../ports/frames.ts'
import type { Reporter } from '../../ports/report.ts'
import { loadSteering } from '../../readers/load-steering.ts'
import type { SteeringKeeper } from '../../readers/steering-keeper.ts'
import { VerdictReader } from '../../readers/verdict-reader.ts'

export interface ReadingOptions {
  /** Absolute. */
  readonly dataDir: string
  readonly feed: Feed
  readonly frames: FrameSource
  readonly clock: Clock
  readonly logger: Logger
  readonly times?: HealthTimes
}

export interface Reading {
  readonly verdictFile: VerdictFile
  readonly reader: VerdictReader
  readonly steering: SteeringKeeper
}

export async function createReading(
  { dataDir, feed, frames, clock, logger, times = DEFAULT_TIMES }: ReadingOptions,
  onAlarm: (message: string) => void,
): Promise<Reading> {
  const path = join(dataDir, 'verdicts.json')
  const verdictFile = new VerdictFile({ path, clock, logger, onDamaged: onAlarm })
  const saved = await verdictFile.load()
  const reader = new VerdictReader({ feed, frames, clock, times, saved, keepsOutput: false })
  const steeringPath = join(dataDir, 'steering.json')
  const storage = steeringFile({ path: steeringPath, clock, logger, onDamaged: onAlarm })
  const steering = await loadSteering({ storage, book: reader.book, clock, onAlarm })
  return { verdictFile, reader, steering }
}

/** To the log, and to control. */
export function alarmOf({
  name,
  reporter,
  clock,
  logger,
}: {
  readonly name: string
  readonly reporter: Reporter
  readonly clock: Clock
  readonly logger: Logger
}): (message: string) => void {
  return (message) => {
    logger.warn(message)
    reporter.event({ kind: 'alarm', atMs: clock.wallMs(), source: `nameserver ${name}`, message })
  }
}
