/** Exit codes of every `fairlead` command. Part of the interface: docs/reference/cli.md lists them. */
export const EXIT = {
  ok: 0,
  /** Something unexpected: a defect, or an error without a code of its own. */
  failure: 1,
  /** The command line, a file or a request is wrong; the message names the place and the mend. */
  badInput: 2,
  /** `diff` found differences; `status` found something wrong. */
  differs: 3,
  /** No control answers; no identity provider answers. */
  unreachable: 4,
  /** An address and port that is needed is in use. */
  portInUse: 5,
  /** A program that is needed is not installed. */
  missingProgram: 6,
  /** A file or folder cannot be read or written. */
  fileAccess: 7,
  /** Another fairlead works on this data directory. */
  alreadyRunning: 8,
  /** The token was refused, or it is not for this: its role or its scope; the login is good, and no group has a role. */
  denied: 9,
  /** Nothing has changed yet: what was asked for waits for the approval of somebody else. */
  proposed: 10,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An expected failure of a command: one clear sentence and a documented exit code. */
export class CommandError extends Error {
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'CommandError'
    this.exitCode = exitCode
  }
}
