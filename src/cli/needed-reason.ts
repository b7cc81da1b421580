/** `--reason`: checked here and not by the parser, which would ask for it from `clear` and `cancel` too. */
import { CommandError, EXIT } from '../core/exit-code.ts'

export function neededReason(reason: string | undefined): string {
  if (reason === undefined)
    throw new CommandError(EXIT.badInput, 'give a --reason: whoever finds it later wants to know why')
  return reason
}
