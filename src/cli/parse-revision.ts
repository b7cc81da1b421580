/** The number of a revision, as a word of the command line. */
import { CommandError, EXIT } from '../core/exit-code.ts'

/** The word as it is. Throws CommandError. */
export function parseRevision(word: string): string {
  if (/^[1-9]\d{0,14}$/.test(word)) return word
  throw new CommandError(EXIT.badInput, `a revision is a number, not '${word}'`)
}
