/**
 * The life of a process that runs until it is told to end: settings, log, start, reload, stop.
 * What must stay true: SIGTERM and SIGINT end it in order, the second one at once; SIGHUP reads certificates and settings again,
 * and whatever is wrong with them changes nothing that runs.
 */
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { CommandError } from '../../core/exit-code.ts'
import { InputFaultsError } from '../files/input-faults-error.ts'
import type { Io } from '../io.ts'
import { onFirstInterrupt } from '../on-first-interrupt.ts'
import type { CommonSettings } from '../settings/process-settings.ts'
import { VERSION } from '../version.ts'

export interface Service<S> {
  /** What runs where, in one line. */
  readonly summary: string
  /** Takes over what can be changed while it runs. Throws CommandError, and goes on as before. */
  reload(settings: S): void
  stop(): Promise<void>
}

export interface ServiceSurroundings {
  readonly version: string
  readonly logger: Logger
  readonly notifySocket: string | undefined
}

export interface ServiceDefinition<S extends CommonSettings> {
  readonly read: () => Promise<S>
  readonly start: (settings: S, surroundings: ServiceSurroundings) => Promise<Service<S>>
  /** Settings that a reload takes over; `logLevel` always is. */
  readonly reloadable: readonly (keyof S)[]
}

/** Resolves when it has ended in order. Throws what reading and starting throw. */
export async function runService<S extends CommonSettings>(
  definition: ServiceDefinition<S>,
  io: Io,
): Promise<void> {
  const ended = Promise.withResolvers<undefined>()
  const forget = onFirstInterrupt(io, () => {
    ended.resolve(undefined)
  })
  // Before it is ready there is nothing to reload, and nothing to end it for.
  let reload: () => void = () => undefined
  const forgetReload = io.onReload(() => {
    reload()
  })
  try {
    let settings = await definition.read()
    const logFile = settings.logFile === undefined ? null : resolve(io.workingDirectory, settings.logFile)
    const { openLog } = await import('./open-log.ts')
    const logger = openLog(logFile, settings.logLevel)
    const notifySocket = io.environment['NOTIFY_SOCKET']
    const service = await definition.start(settings, { version: VERSION, logger, notifySocket })
    let reloading: Promise<void> = Promise.resolve()
    reload = () => {
      reloading = reloading.then(async () => {
        settings = await takeOver(definition, { service, settings, logger })
      })
    }
    try {
      io.stdout.write(`${service.summary}\n`)
      await ended.promise
    } finally {
      io.stderr.write('stopping\n')
      reload = () => undefined
      await reloading
      await service.stop()
    }
  } finally {
    forget()
    forgetReload()
  }
}

async function takeOver<S extends CommonSettings>(
  { read, reloadable }: ServiceDefinition<S>,
  {
    service,
    settings,
    logger,
  }: { readonly service: Service<S>; readonly settings: S; readonly logger: Logger },
): Promise<S> {
  try {
    const next = await read()
    logger.level = next.logLevel
    service.reload(next)
    const kept = changedKeys(settings, next).filter((key) => key !== 'logLevel' && !reloadable.includes(key))
    if (kept.length > 0)
      logger.warn({ settings: kept }, 'these settings have changed: they take effect at the next start')
    const inForce = ['certificates', 'logLevel', ...reloadable]
    logger.info({ inForce }, 'certificates and settings were read again')
    return next
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    logger.error({ faults: faultsOf(error) }, `nothing was taken over: ${error.message}`)
    return settings
  }
}

function changedKeys<S extends object>(before: S, after: S): (keyof S)[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof S)[])
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
}

function faultsOf(error: CommandError): string[] {
  if (!(error instanceof InputFaultsError)) return []
  return error.faults.map(
    ({ source, line, column, message }) => `${source.name}:${line}:${column}: ${message}`,
  )
}
