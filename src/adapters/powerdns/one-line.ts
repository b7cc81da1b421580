/** A value of pdns.conf, which has no quotes. Throws CommandError: it came from the command line or the settings. */
import { CommandError, EXIT } from '../../core/exit-code.ts'

export function oneLine(name: string, value: string): string {
  // '#' begins a comment, a backslash at the end joins lines; the rest ends the line, or is read as something else.
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const unfit = /[\u0000-\u001f\u007f#\\]/.exec(value)?.[0]
  if (unfit === undefined) return value
  const code = unfit.charCodeAt(0)
  const what = code < 0x20 || code === 0x7f ? 'a control character' : `'${unfit}'`
  throw new CommandError(
    EXIT.badInput,
    `${name} cannot stand in pdns.conf: ${what} is in its value, and that file has no quotes. Use another name`,
  )
}
