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
  readonly geoipDatabase?: string[]
}

export function addPowerdnsConfigCommand(program: Command, io: Io): void {
  const command = program
    .command('powerdns-config')
    .description('Print the settings for a PowerDNS that you run yourself (fairlead up --attach-database)')
    .requiredOption('--database <path>', 'SQLite database that Fairlead writes and that PowerDNS reads')
    .option(
      '--geoip-database <path>',
      'database of locations (MMDB) that PowerDNS reads; repeat it for several',
      (path: string, paths: string[] | undefined) => [...(paths ?? []), path],
    )
    .action(
      runs<PowerdnsConfigOptions>(io, ({ options, print }) => {
        const absolute = (path: string) => resolve(io.workingDirectory, path)
        const locations = (options.geoipDatabase ?? []).map(absolute)
        print([renderAttachSnippet(absolute(options.database), locations).trimEnd()])
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
