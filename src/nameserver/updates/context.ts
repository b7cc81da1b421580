/**
 * The object graph of what publishes load balancers into zones of others: the only place here that constructs adapters.
 * What must stay true: it stands in nobody's way, and touches no name that is not a load balancer's.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import { DnsClient } from '../../adapters/dns-client/dns-client.ts'
import { VerifiedFile } from '../../adapters/durable-file/verified-file.ts'
import { sendUpdate } from '../../adapters/nsupdate/nsupdate.ts'
import type { Clock } from '../../ports/clock.ts'
import { PacedSaves } from '../../readers/paced-saves.ts'
import { leftTargetSchema } from './left-target.ts'
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
  /** Reads what an earlier process left. Throws CommandError. */
  start(): Promise<void>
  stop(): Promise<void>
}

export function createUpdates({ dataDir, clock, logger, onAlarm }: UpdatesOptions): Updates {
  const file = new VerifiedFile({
    ...{ path: join(dataDir, 'updates.json'), what: 'what was published by updates', clock, logger },
    schema: z.array(leftTargetSchema),
    onDamaged: onAlarm,
  })
  let isSaved = true
  const targets: UpdateTargets = new UpdateTargets({
    ...{ clock, onAlarm },
    onChange: () => {
      isSaved = false
      saves.request()
    },
    make: (options) => {
      const client = new DnsClient(options.server)
      const ask: DnsClient['ask'] = (name, type) => client.ask(name, type)
      return new UpdateTarget({ ...options, ask, clock, onAlarm, send: sendUpdate })
    },
  })
  const save = async (): Promise<boolean> => {
    if (isSaved) return true
    isSaved = true
    try {
      await file.save(targets.saved())
    } catch (error) {
      isSaved = false
      logger.error({ err: error }, 'could not save what was published by updates')
    }
    return isSaved
  }
  const saves = new PacedSaves({ clock, save })
  return {
    targets,
    start: async () => {
      targets.restore((await file.load()) ?? [])
    },
    stop: async () => {
      targets.stop()
      await saves.stop()
      await save()
    },
  }
}
