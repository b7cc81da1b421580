/** `fairlead nameserver`: the agent beside one PowerDNS. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { OF_CLIENTS } from '../exit-code-meaning.ts'
import { addNotes } from '../command-notes.ts'
import { runs } from '../invocation.ts'
import type { Io } from '../io.ts'
import { addSettings } from '../settings/add-settings.ts'
import { NAMESERVER_SETTINGS, type NameserverSettings } from '../settings/process-settings.ts'
import { readSettings, type Flags } from '../settings/read-settings.ts'
import { frontFaults, parseFront } from './front-choice.ts'
import { parsePowerdns, powerdnsFaults } from './powerdns-choice.ts'
import { runService, type Service, type ServiceSurroundings } from './run-service.ts'
import { tlsFaults, tlsFilesOf } from './tls-files.ts'
import { vaultOfSettings } from './vault-of-settings.ts'

export function addNameserverCommand(program: Command, io: Io): void {
  const command = program
    .command('nameserver')
    .description('Run a nameserver: decides the answers and keeps a PowerDNS beside it giving them')
  addSettings(command, NAMESERVER_SETTINGS.settings).action(
    runs<Flags>(io, async ({ options }) => {
      const read = () => readSettings({ ...NAMESERVER_SETTINGS, together }, options, io)
      const definition = {
        read,
        start: (settings: NameserverSettings, around: ServiceSurroundings) => start(settings, around, io),
        reloadable: ['controls'] as const,
      }
      await runService(definition, io)
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead nameserver --config /etc/fairlead/nameserver.yaml',
        meaning:
          'SIGHUP takes over certificates, controls and logLevel; other settings take effect at the next start',
      },
    ],
    exitCodes: Object.values(EXIT).filter((code) => !OF_CLIENTS.has(code)),
  })
}

/** What does not go together. */
function together(settings: NameserverSettings): string[] {
  return [...tlsFaults(settings), ...powerdnsFaults(settings), ...frontFaults(settings, servedAt(settings))]
}

function servedAt({ dnsAddress, dnsPort }: NameserverSettings) {
  return { addresses: dnsAddress, port: dnsPort }
}

async function start(
  settings: NameserverSettings,
  surroundings: ServiceSurroundings,
  io: Io,
): Promise<Service<NameserverSettings>> {
  const powerdns = parsePowerdns(settings, io)
  const front = parseFront(settings, servedAt(settings), io)
  const { startNameserver } = await import('../../nameserver/main.ts')
  const { dataDir, controls, transfers, updates, geoipDatabase = [] } = settings
  const nameserver = await startNameserver({
    ...surroundings,
    ...{
      controls,
      powerdns,
      transfers,
      front,
      updates,
      dns: servedAt(settings),
      tls: tlsFilesOf(settings, io),
    },
    dataDir: resolve(io.workingDirectory, dataDir),
    vault: vaultOfSettings(settings, io),
    geoipDatabases: geoipDatabase.map((path) => resolve(io.workingDirectory, path)),
  })
  const { name, site, dns } = nameserver
  return {
    summary: `nameserver ${name} in site ${site}: DNS at ${dns.address} port ${dns.port}`,
    reload: (next) => {
      nameserver.reload(next.controls)
    },
    stop: () => nameserver.stop(),
  }
}
