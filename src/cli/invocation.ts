/**
 * One run of a command: where it prints, whom it asks, and how its failures end.
 * What must stay true: with --json stdout holds exactly one JSON value, whether the command succeeds or fails; what is for
 * people goes to stderr then.
 */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../core/exit-code.ts'
import { ApiClient, RefusedError } from './api/api-client.ts'
import { findConnection, type ConnectionOptions } from './api/find-connection.ts'
import { InputFaultsError } from './files/input-faults-error.ts'
import { renderFaults } from './files/render-faults.ts'
import type { Io } from './io.ts'
import { paintFor, type Paint } from './output/paint.ts'
import { printable } from './output/printable.ts'

export interface Invocation<O> {
  readonly io: Io
  readonly options: O
  /** For stdout. */
  readonly paint: Paint
  readonly print: (lines: readonly string[]) => void
  readonly printJson: (value: unknown) => void
  /** Finds the Fairlead to talk to; throws CommandError when there is none. */
  readonly connect: () => ApiClient
}

export interface CommonOptions extends ConnectionOptions {
  readonly json?: boolean
}

/** Options by which every command that talks to the API finds it. */
export function addConnectionOptions(command: Command): Command {
  return command
    .optionsGroup('Connection options:')
    .option(
      '--url <url>',
      'address of the API (environment: FAIRLEAD_URL; default: found in the data directory)',
    )
    .option(
      '--token <token>',
      'token; others on this machine can see it, so prefer --token-file (FAIRLEAD_TOKEN)',
    )
    .option('--token-file <path>', 'file that holds the token (FAIRLEAD_TOKEN_FILE)')
    .option('--data-dir <path>', 'data directory of a Fairlead on this machine (FAIRLEAD_DATA_DIR)')
    .option(
      '--ca-file <path>',
      'PEM certificates of the authorities of the API (FAIRLEAD_CA_FILE; default: found in the data directory, or those of the system)',
    )
}

export function addJsonOption(command: Command, what = 'print one JSON value on stdout'): Command {
  return command.option('--json', what)
}

/** The action of a command: runs it, and turns its failures into messages and an exit code. */
export function runs<O extends CommonOptions>(
  io: Io,
  run: (invocation: Invocation<O>, ...positional: string[]) => Promise<void> | void,
): (this: Command) => Promise<void> {
  return async function action(this: Command): Promise<void> {
    const options = this.opts<O>()
    try {
      await run(invocationOf(options, io), ...(this.processedArgs as string[]))
    } catch (error) {
      reportFailure(error, { io, json: options.json === true })
    }
  }
}

function invocationOf<O extends CommonOptions>(options: O, io: Io): Invocation<O> {
  return {
    io,
    options,
    paint: paintFor(io.stdout, io.environment),
    print: (lines) => {
      if (lines.length > 0) io.stdout.write(`${lines.join('\n')}\n`)
    },
    printJson: (value) => {
      io.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    },
    connect: () => {
      const connection = findConnection(options, io)
      if (connection.warning !== null) io.stderr.write(`${connection.warning}\n`)
      return new ApiClient(connection)
    },
  }
}

/** Prints why a command failed and sets its exit code. A defect comes with its stack: it is to be reported. */
export function reportFailure(
  error: unknown,
  { io, json }: { readonly io: Io; readonly json: boolean },
): void {
  const paint = paintFor(io.stderr, io.environment)
  const expected = error instanceof CommandError
  const exitCode = expected ? error.exitCode : EXIT.failure
  const message = error instanceof Error ? error.message : String(error)
  if (json)
    io.stdout.write(`${JSON.stringify({ error: { message, exitCode, faults: faultsOf(error) } }, null, 2)}\n`)
  if (error instanceof InputFaultsError)
    io.stderr.write(`${renderFaults(error.faults, { paint, excerpt: io.stderr.isTerminal }).join('\n')}\n`)
  if (error instanceof RefusedError)
    for (const { pointer, message } of error.faults)
      io.stderr.write(`${printable(pointer === '' ? message : `${pointer}: ${message}`)}\n`)
  io.stderr.write(`${paint.red('fairlead:')} ${printable(message)}\n`)
  if (!expected && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`)
  io.setExitCode(exitCode)
}

function faultsOf(error: unknown): unknown[] {
  if (error instanceof RefusedError) return [...error.faults]
  if (!(error instanceof InputFaultsError)) return []
  return error.faults.map(({ source, line, column, message }) => ({
    file: source.name,
    line,
    column,
    message,
  }))
}
