/** `fairlead export`: the whole configuration as a file that apply takes back. */
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { EXIT } from '../../core/exit-code.ts'
import { documentSchema } from '../../core/model/document.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'

export function addExportCommand(program: Command, io: Io): void {
  const command = program
    .command('export')
    .description('Print the whole configuration as YAML that apply takes back')
  addConnectionOptions(addJsonOption(command, 'print it as JSON')).action(
    runs<CommonOptions>(io, async ({ options, connect, printJson }) => {
      const document = await connect().send({ path: 'v1/export' }, documentSchema)
      if (options.json) printJson(document)
      else io.stdout.write(stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead export > fairlead.yaml', meaning: 'keep it, or put it under version control' },
      { line: 'fairlead export --json', meaning: 'for another program' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess],
  })
}
