/** `fairlead control`: the API, the store and the feed. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { runs } from '../invocation.ts'
import type { Io } from '../io.ts'
import { addSettings } from '../settings/add-settings.ts'
import { CONTROL_SETTINGS, type ControlSettings } from '../settings/process-settings.ts'
import { readSettings, type Flags } from '../settings/read-settings.ts'
import { parseDuration } from '../parse-duration.ts'
import { authorityVault } from './authority-vault.ts'
import { parseStore } from './store-place.ts'
import { runService, type Service, type ServiceSurroundings } from './run-service.ts'
import { tlsFaults, tlsFilesOf } from './tls-files.ts'
import { vaultOfSettings } from './vault-of-settings.ts'

export function addControlCommand(program: Command, io: Io): void {
  const command = program
    .command('control')
    .description('Run a control: the API and the store, and the feed for checkers and nameservers')
  addSettings(command, CONTROL_SETTINGS.settings).action(
    runs<Flags>(io, async ({ options }) => {
      const read = () => readSettings({ ...CONTROL_SETTINGS, together: tlsFaults }, options, io)
      await runService({ read, start: (settings, around) => start(settings, around, io), reloadable: [] }, io)
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead control --config /etc/fairlead/control.yaml',
        meaning: 'SIGHUP reads the certificates and the file again',
      },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.portInUse, EXIT.fileAccess, EXIT.alreadyRunning],
  })
}

/** Checked before, as a setting. */
function storeOf(text: string, io: Io) {
  const parsed = parseStore(text, io)
  if (parsed.kind === 'faults') throw new CommandError(EXIT.badInput, parsed.faults.join('\n'))
  return parsed.address
}

async function start(
  settings: ControlSettings,
  surroundings: ServiceSurroundings,
  io: Io,
): Promise<Service<ControlSettings>> {
  const { startControl } = await import('../../control/main.ts')
  const { dataDir, store, api, nodes, geoipDatabase = [], historyDays } = settings
  const control = await startControl({
    ...surroundings,
    ...{ api, nodes, tls: tlsFilesOf(settings, io), historyDays },
    dataDir: resolve(io.workingDirectory, dataDir),
    vault: vaultOfSettings(settings, io),
    authorityVault: authorityVault(settings, io),
    certificateLifeMs: parseDuration(settings.certificateLife, '--certificate-life'),
    geoipDatabases: geoipDatabase.map((path) => resolve(io.workingDirectory, path)),
    store: store === undefined ? null : storeOf(store, io),
  })
  return {
    summary: `control ${control.name}: API ${control.url}, token in ${control.tokenFile}, nodes at port ${control.nodesPort}`,
    reload: () => {
      control.reload()
    },
    stop: () => control.stop(),
  }
}
