/** `fairlead completion SHELL`, and the hidden command that the scripts ask for candidates. */
import { Argument, type Command } from 'commander'
import { z } from 'zod'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { pageSchema } from '../../core/views/page.ts'
import { ApiClient } from '../api/api-client.ts'
import { findConnection } from '../api/find-connection.ts'
import { addNotes } from '../command-notes.ts'
import { completeWords, type CompletionCandidate } from '../completion/complete-words.ts'
import { SHELLS, SHELL_SCRIPTS, type Shell } from '../completion/shell-script.ts'
import { runs } from '../invocation.ts'
import type { Io } from '../io.ts'
import { printable } from '../output/printable.ts'
import { parseKindWord } from '../resource-word.ts'

/** How long a press of the tab key may wait for names from the server. */
const PATIENCE_MS = 1_500

export function addCompletionCommand(program: Command, io: Io): void {
  const command = program
    .command('completion')
    .description('Print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .action(
      runs(io, (_, shell) => {
        io.stdout.write(SHELL_SCRIPTS[shell as Shell])
      }),
    )
  addNotes(command, {
    examples: [
      { line: 'source <(fairlead completion bash)', meaning: 'in ~/.bashrc; the same with zsh in ~/.zshrc' },
      { line: 'fairlead completion fish | source', meaning: 'in ~/.config/fish/config.fish' },
    ],
    exitCodes: [EXIT.ok, EXIT.badInput],
  })
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const completion = completeWords(program, words)
      if (completion.kind === 'files') io.stdout.write('files\n')
      else {
        const candidates =
          completion.kind === 'words'
            ? completion.candidates
            : await namesFrom(io, completion.resource, completion.typed)
        const lines = candidates.map(({ value, meaning }) => printable(value) + '\t' + printable(meaning))
        io.stdout.write(`${['words', ...lines].join('\n')}\n`)
      }
    })
}

/** Names of a kind that begin with what was typed; none when no server answers. */
async function namesFrom(io: Io, resource: string, typed: string): Promise<CompletionCandidate[]> {
  try {
    const words = parseKindWord(resource)
    if (typeof words === 'string') return []
    const client = new ApiClient(findConnection({}, io), PATIENCE_MS)
    const isEndpoint = words.kind === 'endpoint'
    const path = isEndpoint ? 'v1/pools' : `v1/${words.plural}`
    const page = await client.send({ path, query: { limit: '500' } }, pageSchema(namedSchema))
    const names = page.items.flatMap(({ name, endpoints }) =>
      isEndpoint ? endpoints.map((endpoint) => `${name}/${endpoint.name}`) : [name],
    )
    return names.filter((name) => name.startsWith(typed)).map((value) => ({ value, meaning: '' }))
  } catch (error) {
    // The shell shows nothing of a failure: the command itself will say it when it is run.
    if (error instanceof CommandError) return []
    throw error
  }
}

const namedSchema = z.looseObject({
  name: z.string(),
  endpoints: z.array(z.looseObject({ name: z.string() })).default([]),
})
