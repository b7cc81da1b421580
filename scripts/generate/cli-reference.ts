/** docs/reference/cli.md: the help of every command as the command line prints it, and the exit codes. */
import type { Command } from 'commander'
import { EXIT_CODE_MEANING } from '../../src/cli/exit-code-meaning.ts'

const HELP_WIDTH = 100

const INTRODUCTION = `# Command line reference

The text of each section is what \`fairlead COMMAND --help\` prints.
`

/** The page as text. `program` is not run; its output settings are changed. */
export function cliReference(program: Command): string {
  return [INTRODUCTION, exitCodes(), ...commandsOf(program, []).map(helpOf)].join('\n')
}

interface NamedCommand {
  readonly path: string
  readonly command: Command
}

/** Hidden commands are not listed by the help of their parent, and not here. */
function commandsOf(command: Command, parents: readonly string[]): NamedCommand[] {
  const path = [...parents, command.name()]
  const visible = command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help')
  return [{ path: path.join(' '), command }, ...visible.flatMap((child) => commandsOf(child, path))]
}

function helpOf({ path, command }: NamedCommand): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => HELP_WIDTH,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return [`## ${path}`, '', '```text', text.trimEnd(), '```', ''].join('\n')
}

function exitCodes(): string {
  const rows = Object.entries(EXIT_CODE_MEANING).map(([code, meaning]) => `| ${code} | ${meaning} |`)
  return ['## Exit codes', '', '| code | meaning |', '|---|---|', ...rows, ''].join('\n')
}
