/** `fairlead watch`: what happens, as it happens. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { printEvents } from '../live-view/print-events.ts'
import { runLiveView } from '../live-view/run-live-view.ts'

interface WatchOptions extends CommonOptions {
  readonly lines?: boolean
}

export function addWatchCommand(program: Command, io: Io): void {
  const command = program
    .command('watch')
    .description('Follow health, answers and revisions: a live view on a terminal, else one line an event')
    .option('--lines', 'one line an event on a terminal too')
  addConnectionOptions(addJsonOption(command, 'print one line of JSON an event')).action(
    runs<WatchOptions>(io, async ({ options, connect }) => {
      const client = connect()
      const interrupted = new AbortController()
      const forget = io.onInterrupt(() => {
        interrupted.abort()
      })
      const { signal } = interrupted
      const json = options.json === true
      try {
        if (io.stdout.isTerminal && !json && !options.lines)
          await runLiveView({ client, io, hints: [], signal })
        else await printEvents({ client, io, json, signal })
      } finally {
        forget()
      }
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead watch', meaning: 'the live view; Ctrl-C ends it' },
      { line: 'fairlead watch --json', meaning: 'a line of JSON an event, for another program' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}
