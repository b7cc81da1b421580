/** `fairlead export`: the whole configuration as a file that apply takes back, or one zone as a master file. */
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { EXIT } from '../../core/exit-code.ts'
import { documentSchema } from '../../core/model/document.ts'
import { masterFileSchema } from '../../core/views/master-file.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'

interface ExportOptions extends CommonOptions {
  readonly zone?: string
}

export function addExportCommand(program: Command, io: Io): void {
  const command = program
    .command('export')
    .description('Print the whole configuration as YAML that apply takes back, or what a zone answers now')
    .option('--zone <name>', 'a master file (RFC 1035) of this zone, as it is answered now')
  addConnectionOptions(addJsonOption(command, 'print it as JSON')).action(
    runs<ExportOptions>(io, async ({ options, connect, printJson }) => {
      if (options.zone !== undefined) {
        const path = `v1/${apiPath('zones', options.zone, 'master-file')}`
        const zone = await connect().send({ path }, masterFileSchema)
        if (options.json) printJson(zone)
        else io.stdout.write(zone.text)
        return
      }
      const document = await connect().send({ path: 'v1/export' }, documentSchema)
      if (options.json) printJson(document)
      else io.stdout.write(stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead export > fairlead.yaml', meaning: 'keep it, or put it under version control' },
      { line: 'fairlead export --json', meaning: 'for another program' },
      { line: 'fairlead export --zone example.test', meaning: 'for named-checkzone, or for eyes' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}
