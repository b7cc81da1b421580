/** What each exit code says, for help texts and docs/reference/cli.md. */
import { EXIT, type ExitCode } from '../core/exit-code.ts'

export const EXIT_CODE_MEANING: Readonly<Record<ExitCode, string>> = {
  [EXIT.ok]: 'done',
  [EXIT.failure]: 'something unexpected: a defect, or an error without a code of its own',
  [EXIT.badInput]: 'the command line, a file or a request is wrong; the message names the place',
  [EXIT.differs]: 'diff or compare found differences; status found something wrong',
  [EXIT.unreachable]: 'no Fairlead (of login: no identity provider) answers, or it says to wait (429)',
  [EXIT.portInUse]: 'an address and port that is needed is in use',
  [EXIT.missingProgram]: 'a program that is needed is not installed',
  [EXIT.fileAccess]: 'a file or folder cannot be read or written',
  [EXIT.alreadyRunning]: 'another fairlead works in this data directory',
  [EXIT.denied]:
    'the token was refused, or its role or its scope does not allow it; of login: no group of yours has a role',
  [EXIT.proposed]: 'nothing has changed yet: it waits for the approval of somebody else',
}

/** What commands end with that ask a control for a change. */
export const CHANGE_EXIT_CODES: readonly ExitCode[] = [
  ...[EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied, EXIT.proposed],
]

/** What a process that serves never ends with. */
export const OF_CLIENTS: ReadonlySet<ExitCode> = new Set([EXIT.differs, EXIT.unreachable, EXIT.proposed])
