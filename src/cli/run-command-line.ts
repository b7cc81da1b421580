/** One command line from arguments to exit code, with everything that can go wrong on the way turned into a sentence. */
import { CommanderError } from 'commander'
import { EXIT } from '../core/exit-code.ts'
import { reportFailure } from './invocation.ts'
import type { Io } from './io.ts'
import { buildProgram } from './program.ts'

/** `words` come after the program's name. Sets the exit code through `io`; never throws. */
export async function runCommandLine(words: readonly string[], io: Io): Promise<void> {
  const program = buildProgram(io)
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has printed its own words; help that was asked for is no failure, help for want of a command is.
      const asked = error.code === 'commander.helpDisplayed' || error.code === 'commander.version'
      io.setExitCode(asked ? EXIT.ok : EXIT.badInput)
      return
    }
    reportFailure(error, { io, json: false })
  }
}
