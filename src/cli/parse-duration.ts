/** A time span of the command line. */
import { CommandError, EXIT } from '../core/exit-code.ts'
import { TIME_SPAN, timeSpanMs } from '../core/model/time-span.ts'

/** Milliseconds. Throws CommandError that names the option. */
export function parseDuration(text: string, option: string): number {
  if (!TIME_SPAN.test(text))
    throw new CommandError(
      EXIT.badInput,
      `${option} takes a time span such as 90s, 5m, 2h or 1h30m, not '${text}'`,
    )
  return timeSpanMs(text)
}
