/** `fairlead dnsdist-config`: the configuration of a dnsdist that the operator runs before a nameserver's PowerDNS. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { runs } from '../invocation.ts'
import type { Io } from '../io.ts'
import { printable } from '../output/printable.ts'
import { addSettings } from '../settings/add-settings.ts'
import { NAMESERVER_SETTINGS } from '../settings/process-settings.ts'
import { readSettings, type Flags } from '../settings/read-settings.ts'
import { parseFront } from './front-choice.ts'

/** Those of a nameserver, of which this needs neither a control nor a certificate. */
const TABLE = {
  settings: NAMESERVER_SETTINGS.settings,
  schema: NAMESERVER_SETTINGS.schema.partial({
    ...{ controls: true, certificateFile: true, keyFile: true, caFile: true },
  }),
} as const

export function addDnsdistConfigCommand(program: Command, io: Io): void {
  const command = program
    .command('dnsdist-config')
    .description('Print the configuration for a dnsdist that you run yourself (front: attached)')
  addSettings(command, NAMESERVER_SETTINGS.settings).action(
    runs<Flags>(io, async ({ options, print }) => {
      const settings = await readSettings(TABLE, options, io)
      const listening = { addresses: settings.dnsAddress, port: settings.dnsPort }
      const choice = parseFront({ ...settings, front: 'attached' }, listening, io)
      if (choice === undefined) return
      const { dnsdistConfiguration } = await import('../../nameserver/main.ts')
      const dataDir = resolve(io.workingDirectory, settings.dataDir)
      const onAlarm = (message: string) => {
        io.stderr.write(`${printable(message)}\n`)
      }
      print([dnsdistConfiguration({ dataDir, choice, listening, onAlarm }).trimEnd()])
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead dnsdist-config --config /etc/fairlead/nameserver.yaml > /etc/dnsdist/dnsdist.conf',
        meaning:
          'with the settings of the nameserver; dnsdist needs to read and write its table, in front/ of the data directory',
      },
    ],
    exitCodes: [EXIT.ok, EXIT.badInput, EXIT.fileAccess],
  })
}
