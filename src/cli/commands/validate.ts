/** `fairlead validate`: are these files right? Needs no server. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import type { Document } from '../../core/model/document.ts'
import { addNotes } from '../command-notes.ts'
import { loadFiles } from '../files/load-files.ts'
import { addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { addFileOption, countText } from './file-option.ts'

interface ValidateOptions extends CommonOptions {
  readonly filename: string[]
}

export function addValidateCommand(program: Command, io: Io): void {
  const command = program
    .command('validate')
    .description('Check files without a server: syntax, fields, names, and references within the files')
  addJsonOption(addFileOption(command)).action(
    runs<ValidateOptions>(io, async ({ options, print, printJson }) => {
      const { document } = await loadFiles(options.filename, io, { selfContained: true })
      if (options.json) printJson({ valid: true, resources: countsOf(document) })
      else print([`valid: ${countText(document)}`])
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead validate -f fairlead.yaml', meaning: 'all mistakes of a file at once' },
      { line: 'fairlead validate -f sites.yaml -f web/', meaning: 'several files and folders as one' },
    ],
    exitCodes: [EXIT.ok, EXIT.badInput, EXIT.fileAccess],
  })
}

function countsOf(document: Document): Record<string, number> {
  const { settings, ...lists } = document
  return {
    ...(settings && { settings: 1 }),
    ...Object.fromEntries(Object.entries(lists).map(([list, items]) => [list, items.length])),
  }
}
