/**
 * `fairlead up`: control, checker and nameserver in one process, joined by calls instead of connections.
 * What must stay true: the parts know each other by ports only, so that the same parts run apart; whatever was started is
 * stopped, in reverse, when a later part cannot start.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { buildUp, startFault, type UpParts } from './context.ts'
import type { UpOptions } from './up-options.ts'

export interface Up {
  readonly url: string
  readonly tokenFile: string
  readonly dns: { readonly address: string; readonly port: number }
  /** What was done with the document, in one sentence. */
  readonly applied: string
  /** Ends everything that was started. Safe to call twice. */
  stop(): Promise<void>
}

/** Throws CommandError for what an operator can mend. */
export async function startUp(options: UpOptions): Promise<Up> {
  const stops: (() => Promise<void> | void)[] = []
  let stopping: Promise<void> | null = null
  const stop = (): Promise<void> => (stopping ??= stopInReverse(stops, options.logger))
  try {
    const parts = await buildUp(options, stops)
    const { control, nameserver, checker, service } = parts
    stops.push(() => control.stop())
    await control.start()
    const applied = await applyStartDocument(options, parts)
    stops.push(
      () => nameserver.stop(),
      () => checker.stop(),
    )
    // Both to their end, also when one fails: what is still starting cannot be stopped.
    for (const started of await Promise.allSettled([nameserver.start(), checker.start()]))
      if (started.status === 'rejected') throw started.reason
    writeFileSync(join(parts.dataDir, 'api-url'), `${control.url}\n`, { mode: 0o600 })
    service.notify('READY=1')
    stops.push(() => {
      service.notify('STOPPING=1')
    })
    return { url: control.url, tokenFile: join(parts.dataDir, 'token'), dns: nameserver.dns, applied, stop }
  } catch (error) {
    await stop()
    throw startFault(error, options.dataDir)
  }
}

/**
 * The file is intent at the moment of starting, not a master copy: what the API changed since stands until the file itself
 * changes, because an acknowledged change is never lost by a restart.
 */
async function applyStartDocument(
  { document }: UpOptions,
  { control, appliedDocument }: UpParts,
): Promise<string> {
  if (document === null) return 'no file was given: the store is used as it is'
  const last = appliedDocument.read()
  // A store that is older than what was applied has been lost or replaced: the file is all the intent that is left.
  const head = control.feed.current()?.revision ?? 0
  if (last?.digest === document.digest && last.revision <= head)
    return `${document.source} has not changed since it was applied as revision ${last.revision}`
  const outcome = await control.applyDocument(document.document, {
    author: 'fairlead up',
    message: document.source,
  })
  await appliedDocument.write({ digest: document.digest, revision: outcome.revision })
  return outcome.outcome === 'unchanged'
    ? `${document.source} changes nothing: revision ${outcome.revision}`
    : `${document.source} was applied as revision ${outcome.revision}`
}

async function stopInReverse(stops: (() => Promise<void> | void)[], logger: Logger): Promise<void> {
  for (const stop of stops.reverse()) {
    try {
      await stop()
    } catch (error) {
      logger.error({ err: error }, 'a part did not stop cleanly')
    }
  }
}
