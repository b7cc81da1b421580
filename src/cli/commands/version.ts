/** `fairlead version`: of this program and the runtime under it. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { VERSION } from '../version.ts'

export function addVersionCommand(program: Command, io: Io): void {
  const command = program.command('version').description('Print the version')
  addJsonOption(command).action(
    runs<CommonOptions>(io, ({ options, print, printJson }) => {
      if (options.json) printJson({ fairlead: VERSION, node: io.runtimeVersion })
      else print([`fairlead ${VERSION} (node ${io.runtimeVersion})`])
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead version --json', meaning: 'for another program' }],
    exitCodes: [EXIT.ok],
  })
}
