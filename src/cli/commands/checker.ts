/** `fairlead checker`: probes from one site. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { runs } from '../invocation.ts'
import type { Io } from '../io.ts'
import { addSettings } from '../settings/add-settings.ts'
import { CHECKER_SETTINGS, type CheckerSettings } from '../settings/process-settings.ts'
import { readSettings, type Flags } from '../settings/read-settings.ts'
import { runService, type Service, type ServiceSurroundings } from './run-service.ts'
import { tlsFaults, tlsFilesOf } from './tls-files.ts'

export function addCheckerCommand(program: Command, io: Io): void {
  const command = program
    .command('checker')
    .description('Run a checker: probes the endpoints from one site and serves what it sees')
  addSettings(command, CHECKER_SETTINGS.settings).action(
    runs<Flags>(io, async ({ options }) => {
      const read = () => readSettings({ ...CHECKER_SETTINGS, together: tlsFaults }, options, io)
      const definition = {
        read,
        start: (settings: CheckerSettings, around: ServiceSurroundings) => start(settings, around, io),
        reloadable: ['controls'] as const,
      }
      await runService(definition, io)
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead checker --config /etc/fairlead/checker.yaml',
        meaning: 'the site names it: sites: [{ name: ams, checkers: [{ name, address, port }] }]',
      },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.portInUse, EXIT.fileAccess, EXIT.alreadyRunning],
  })
}

async function start(
  settings: CheckerSettings,
  surroundings: ServiceSurroundings,
  io: Io,
): Promise<Service<CheckerSettings>> {
  const { startChecker } = await import('../../checker/main.ts')
  const { dataDir, controls, frames } = settings
  const checker = await startChecker({
    ...surroundings,
    ...{ controls, frames, tls: tlsFilesOf(settings, io) },
    dataDir: resolve(io.workingDirectory, dataDir),
  })
  return {
    summary: `checker ${checker.name} in site ${checker.site}: frames at port ${checker.framesPort}`,
    reload: (next) => {
      checker.reload(next.controls)
    },
    stop: () => checker.stop(),
  }
}
