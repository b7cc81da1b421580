/** `fairlead whoami`: whose token this is, and what it may do. */
import type { Command } from 'commander'
import { describeScope } from '../../core/access/denied-changes.ts'
import { EXIT } from '../../core/exit-code.ts'
import { whoAmISchema } from '../../core/views/token.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { printable } from '../output/printable.ts'

export function addWhoamiCommand(program: Command, io: Io): void {
  const command = program.command('whoami').description('Show whose token this is, and what it may do')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, print, printJson }) => {
      const who = await connect().send({ path: 'v1/whoami' }, whoAmISchema)
      const { name, role, scope, expiresAtMs } = who
      if (options.json) printJson(who)
      else
        print([
          `name     ${printable(name)}`,
          `role     ${role}`,
          `scope    ${scope === undefined ? 'everything' : describeScope(scope)}`,
          `expires  ${expiresAtMs === null ? 'never' : new Date(expiresAtMs).toISOString()}`,
        ])
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead whoami', meaning: 'before a change that may be denied' }],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}
