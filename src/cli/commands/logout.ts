/** `fairlead logout`: the token of a login ends, at the control and here. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { loginDirOf } from '../api/find-connection.ts'
import { LastLogin } from '../api/last-login.ts'
import { LoginDir } from '../api/login-dir.ts'
import { addNotes } from '../command-notes.ts'
import { addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'

interface LogoutOptions extends CommonOptions {
  readonly force?: boolean
}

export function addLogoutCommand(program: Command, io: Io): void {
  const command = program
    .command('logout')
    .description("End the token of 'fairlead login', at the control and on this machine")
    .option('--force', 'remove it here even where the control cannot be told')
    .option('--data-dir <path>', 'where login wrote it (FAIRLEAD_DATA_DIR; default: as of login)')
  addJsonOption(command).action(
    runs<LogoutOptions>(io, async ({ options, print, printJson }) => {
      const dir = new LoginDir(loginDirOf(options, io))
      const { url } = dir
      if (url === null)
        throw new CommandError(EXIT.badInput, `nobody is logged in here: there is no login in ${dir.path}`)
      const isRevoked = await revoke(dir, io, options.force === true)
      dir.forget()
      if (options.json) printJson({ url, revoked: isRevoked, removed: dir.path })
      else print([`logged out  ${isRevoked ? 'the token is revoked' : 'the token is gone from here'}`])
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead logout', meaning: 'the token is good for nobody from then on' }],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess],
  })
}

/** False: it had ended already, or the control was not told. */
async function revoke(dir: LoginDir, io: Io, force: boolean): Promise<boolean> {
  try {
    return (await LastLogin.of(dir, io)?.revoke()) ?? false
  } catch (error) {
    if (force && error instanceof CommandError) return false
    throw error
  }
}
