/** `fairlead control`: the API, the store and the feed. */
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Logger } from 'pino'
import type * as ControlMain from '../../control/main.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import { addNotes } from '../command-notes.ts'
import { runs } from '../invocation.ts'
import type { Io } from '../io.ts'
import { addSettings } from '../settings/add-settings.ts'
import { CONTROL_SETTINGS, type ControlSettings } from '../settings/process-settings.ts'
import { readLoginRules } from '../settings/read-login-rules.ts'
import { readSettings, type Flags } from '../settings/read-settings.ts'
import { parseDuration } from '../parse-duration.ts'
import { authorityVault } from './authority-vault.ts'
import { parseNativeDatabase, parseStore } from './store-place.ts'
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
        meaning: 'SIGHUP takes over certificates and logLevel; other settings take effect at the next start',
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

type Running = Awaited<ReturnType<typeof ControlMain.startControl>>

/** Publishes from within the control; null: it is not asked to. */
async function nativeOf(
  { nativeDatabase }: ControlSettings,
  { name, dataDir, feed, frames, reporter }: Running,
  { logger, vault, io }: { readonly logger: Logger; readonly vault: KeyVault; readonly io: Io },
) {
  if (nativeDatabase === undefined) return null
  const parsed = parseNativeDatabase(nativeDatabase, io)
  if (parsed.kind === 'faults') throw new CommandError(EXIT.badInput, parsed.faults.join('\n'))
  const { startNative } = await import('../../nameserver/main.ts')
  return startNative({
    ...{ name: `${name}-native`, dataDir: join(dataDir, 'native'), database: parsed.address },
    ...{ feed, frames, reporter, vault, logger: logger.child({ part: 'native' }) },
  })
}

async function start(
  settings: ControlSettings,
  surroundings: ServiceSurroundings,
  io: Io,
): Promise<Service<ControlSettings>> {
  const { startControl } = await import('../../control/main.ts')
  const { dataDir, store, api, nodes, geoipDatabase = [], historyDays } = settings
  const vault = vaultOfSettings(settings, io)
  const control = await startControl({
    ...surroundings,
    ...{ api, nodes, tls: tlsFilesOf(settings, io), historyDays },
    dataDir: resolve(io.workingDirectory, dataDir),
    vault,
    loginRules: settings.oidcFile === undefined ? null : await readLoginRules(settings.oidcFile, io),
    authorityVault: authorityVault(settings, io),
    certificateLifeMs: parseDuration(settings.certificateLife, '--certificate-life'),
    geoipDatabases: geoipDatabase.map((path) => resolve(io.workingDirectory, path)),
    store: store === undefined ? null : storeOf(store, io),
  })
  const native = await nativeOf(settings, control, { logger: surroundings.logger, vault, io }).catch(
    async (error: unknown) => {
      await control.stop()
      throw error
    },
  )
  return {
    summary: `control ${control.name}: API ${control.url}, token in ${control.tokenFile}, nodes at port ${control.nodesPort}`,
    reload: () => {
      control.reload()
    },
    stop: async () => {
      await native?.stop()
      await control.stop()
    },
  }
}
