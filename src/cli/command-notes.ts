/**
 * Examples and exit codes of a command: shown below its --help, and read by scripts/generate.ts for docs/reference/cli.md.
 */
import type { Command } from 'commander'
import type { ExitCode } from '../core/exit-code.ts'
import { EXIT_CODE_MEANING } from './exit-code-meaning.ts'

export interface CommandNotes {
  readonly examples: readonly { readonly line: string; readonly meaning: string }[]
  readonly exitCodes: readonly ExitCode[]
}

const NOTES = new WeakMap<Command, CommandNotes>()

export function addNotes(command: Command, notes: CommandNotes): void {
  NOTES.set(command, notes)
  command.addHelpText('after', () => `\n${notesText(notes)}`)
}

/** undefined for a command that only groups others. */
export function notesOf(command: Command): CommandNotes | undefined {
  return NOTES.get(command)
}

function notesText({ examples, exitCodes }: CommandNotes): string {
  const width = Math.max(...examples.map((example) => example.line.length))
  return [
    'Examples:',
    ...examples.map(({ line, meaning }) => `  $ ${line.padEnd(width)}  # ${meaning}`),
    '',
    'Exit codes:',
    ...exitCodes.map((code) => `  ${code}  ${EXIT_CODE_MEANING[code]}`),
  ].join('\n')
}
