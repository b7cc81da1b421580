/** `fairlead status`: what an operator looks at first. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { statusSchema } from '../../core/views/status.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { describeStatus } from './describe-status.ts'

interface StatusOptions extends CommonOptions {
  readonly limit?: string
}

export function addStatusCommand(program: Command, io: Io): void {
  const command = program
    .command('status')
    .description('Show endpoints with their health, answers, checkers, nameservers and alarms')
    .option('--limit <number>', 'at most so many endpoints and load balancers')
  addConnectionOptions(addJsonOption(command)).action(
    runs<StatusOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const query = { limit: options.limit }
      const status = await connect().send({ path: 'v1/status', query }, statusSchema)
      if (options.json) printJson(status)
      else print(describeStatus(status, paint, io.now()))
      if (!status.healthy) io.setExitCode(EXIT.differs)
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead status', meaning: 'exits 3 when something needs an operator' },
      { line: 'fairlead status --json', meaning: 'for monitoring' },
    ],
    exitCodes: [
      EXIT.ok,
      EXIT.failure,
      EXIT.badInput,
      EXIT.differs,
      EXIT.unreachable,
      EXIT.fileAccess,
      EXIT.denied,
    ],
  })
}
