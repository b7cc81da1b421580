/**
 * The object graph of what publishes load balancers into zones of others: the only place here that constructs adapters.
 * What must stay true: it stands in nobody's way, and touches no name that is not a load balancer's.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { DnsClient } from '../../adapters/dns-client/dns-client.ts'
import { replaceFile } from '../../adapters/durable-file/replace-file.ts'
import { sendUpdate } from '../../adapters/nsupdate/nsupdate.ts'
import type { Clock } from '../../ports/clock.ts'
import { PacedSaves } from '../../readers/paced-saves.ts'
import { UpdateTarget } from './update-target.ts'
import { UpdateTargets } from './update-targets.ts'

export interface UpdatesOptions {
  /** Absolute. */
  readonly dataDir: string
  readonly clock: Clock
  readonly logger: Logger
  readonly onAlarm: (message: string) => void
}

export interface Updates {
  readonly targets: UpdateTargets
  stop(): Promise<void>
}

/** Throws what reading its file throws. */
export function createUpdates({ dataDir, clock, logger, onAlarm }: UpdatesOptions): Updates {
  const path = join(dataDir, 'updates.json')
  const targets: UpdateTargets = new UpdateTargets({
    left: loadLeft(path),
    onChange: () => {
      saves.request()
    },
    make: (options) => {
      const client = new DnsClient(options.server)
      const ask: DnsClient['ask'] = (name, type) => client.ask(name, type)
      return new UpdateTarget({ ...options, ask, clock, onAlarm, send: sendUpdate })
    },
  })
  const saves = new PacedSaves({
    clock,
    save: async () => {
      try {
        await replaceFile(path, `${JSON.stringify(targets.names())}\n`)
        return true
      } catch (error) {
        logger.error({ err: error }, 'could not save what was published by updates')
        return false
      }
    },
  })
  return {
    targets,
    stop: async () => {
      targets.stop()
      await saves.stop()
    },
  }
}

function loadLeft(path: string): Readonly<Record<string, readonly string[]>> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string[]>
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}
