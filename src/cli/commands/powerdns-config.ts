/** `fairlead powerdns-config`: what to add to the configuration of a PowerDNS that the operator runs. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { renderAttachSnippet } from '../../adapters/powerdns/config.ts'
import { EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'

interface PowerdnsConfigOptions extends CommonOptions {
  readonly database: string
}

export function addPowerdnsConfigCommand(program: Command, io: Io): void {
  const command = program
    .command('powerdns-config')
    .description('Print the settings for a PowerDNS that you run yourself (fairlead up --attach-database)')
    .requiredOption('--database <path>', 'SQLite database that Fairlead writes and that PowerDNS reads')
    .action(
      runs<PowerdnsConfigOptions>(io, ({ options, print }) => {
        print([renderAttachSnippet(resolve(io.workingDirectory, options.database)).trimEnd()])
      }),
    )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead powerdns-config --database /var/lib/powerdns/fairlead.db',
        meaning: 'lines for /etc/powerdns/pdns.d/fairlead.conf',
      },
    ],
    exitCodes: [EXIT.ok, EXIT.badInput],
  })
}
