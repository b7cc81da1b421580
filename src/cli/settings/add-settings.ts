/** The settings of a process as options of its command; what --help shows is all that there is. */
import type { Command } from 'commander'
import { CONFIG_VARIABLE } from './read-settings.ts'
import { flagOf, variableOf, type Setting } from './setting.ts'

const collect = (value: string, values: string[] | undefined): string[] => [...(values ?? []), value]

export function addSettings(command: Command, settings: readonly Setting[]): Command {
  command.option(
    '--config <path>',
    `YAML file of these settings, in camel case (${CONFIG_VARIABLE}); flags come before variables, variables before the file`,
  )
  for (const { key, kind, value, description, fallback } of settings) {
    const flags = kind === 'switch' ? flagOf(key) : `${flagOf(key)} <${value}>`
    const notes = [variableOf(key), ...(fallback === undefined ? [] : [`default: ${fallback}`])].join('; ')
    const repeat = kind === 'list' ? '; repeat it for several' : ''
    const text = `${description}${repeat} (${notes})`
    if (kind === 'list') command.option(flags, text, collect)
    else command.option(flags, text)
  }
  return command
}
