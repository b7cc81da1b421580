/** `fairlead failback`: end the latch of a load balancer. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'

export function addFailbackCommand(program: Command, io: Io): void {
  const command = program
    .command('failback')
    .description('Let a load balancer that latched after a failover answer with its first healthy tier again')
    .argument('<name>', 'the load balancer')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, print, printJson }, name = '') => {
      const path = `v1/${apiPath('load-balancers', name, 'failback')}`
      const outcome = await connect().send({ method: 'POST', path }, changeOutcomeSchema)
      if (options.json) printJson(outcome)
      else print([`failback   ${name}, revision ${outcome.revision}`])
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead failback www.example.test',
        meaning: 'the first tier that is healthy answers, and latches anew if it is not the first of all',
      },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}
