/** `fairlead history`: how the verdict on an endpoint changed, with the votes of each time. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { historyEntrySchema } from '../../core/views/health.ts'
import { pageSchema } from '../../core/views/page.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { parseSince } from '../parse-since.ts'
import { historyTable } from './describe-health.ts'

interface HistoryOptions extends CommonOptions {
  readonly limit: string
  readonly since?: string
}

export function addHistoryCommand(program: Command, io: Io): void {
  const command = program
    .command('history')
    .description('Show how the verdict on an endpoint changed, newest first, with its evidence')
    .argument('<endpoint>', 'POOL/ENDPOINT, of one that is gone too')
    .option('--limit <number>', 'at most so many changes', '50')
    .option('--since <time>', 'no older ones than this: 2026-11-26T12:00:00Z, or 30m, 6h, 7d ago')
  addConnectionOptions(addJsonOption(command)).action(
    runs<HistoryOptions>(io, async ({ options, connect, paint, print, printJson }, name = '') => {
      const [pool = '', endpoint = '', ...more] = name.split('/')
      if (pool === '' || endpoint === '' || more.length > 0)
        throw new CommandError(
          EXIT.badInput,
          `an endpoint is named POOL/ENDPOINT, such as web/ams-1, not '${name}'`,
        )
      if (!/^[1-9]\d{0,2}$/.test(options.limit) || Number(options.limit) > 500)
        throw new CommandError(
          EXIT.badInput,
          `--limit takes a whole number from 1 to 500, not '${options.limit}'`,
        )
      const sinceMs = options.since === undefined ? undefined : String(parseSince(options.since, io.now()))
      const { items } = await connect().send(
        { path: `v1/${apiPath('history', pool, endpoint)}`, query: { limit: options.limit, sinceMs } },
        pageSchema(historyEntrySchema),
      )
      if (options.json) printJson(items)
      else print(historyTable(items, paint))
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead history ams/ams-1', meaning: 'when it changed, who voted what, and why' },
      { line: 'fairlead history ams/ams-1 --since 6h --json', meaning: 'for another program' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}
