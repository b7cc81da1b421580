/** `--break-glass`, which every command has that a safety rule can stop. */
import type { Command } from 'commander'

export interface BreakGlassOptions {
  readonly breakGlass?: string
}

export function addBreakGlassOption(command: Command): Command {
  return command.option(
    '--break-glass <reason>',
    'even if it breaks a safety rule; the reason is kept in the audit log',
  )
}

/** Of the request. */
export function breakGlassQuery({ breakGlass }: BreakGlassOptions): Readonly<Record<string, string>> {
  return breakGlass === undefined ? {} : { breakGlass }
}
