/** Says why a lab cannot be built here, before anything is built. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { CommandError, EXIT } from '../../src/core/exit-code.ts'
import { runTool } from '../network/run-tool.ts'

export function requireLabTools(): void {
  if (process.getuid?.() !== 0)
    throw new CommandError(
      EXIT.missingProgram,
      'a lab is built of network namespaces, which only root can make',
    )
  for (const program of ['ip', 'nft', 'pdns_server', 'openssl', 'sysctl'])
    if (!isInstalled(program))
      throw new CommandError(
        EXIT.missingProgram,
        `${program} is needed: bash scripts/setup.sh --for-tests installs it`,
      )
  if (!existsSync('/usr/lib/postgresql'))
    throw new CommandError(
      EXIT.missingProgram,
      'PostgreSQL is needed: bash scripts/setup.sh --for-tests installs it',
    )
  const namespace = `fairlead-lab-trial-${process.pid}`
  try {
    runTool('ip', ['netns', 'add', namespace])
    try {
      runTool('ip', ['netns', 'exec', namespace, 'nft', 'add', 'table', 'inet', 'lab'])
    } finally {
      runTool('ip', ['netns', 'delete', namespace])
    }
  } catch (error) {
    const detail = (error as Error).message
    throw new CommandError(EXIT.missingProgram, `no network namespace can be made here: ${detail}`, {
      cause: error,
    })
  }
}

function isInstalled(program: string): boolean {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' })
  return error === undefined
}
