/** Says why a lab cannot be built here, before anything is built. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { CommandError, EXIT } from '../../src/core/exit-code.ts'
import { labId } from '../network/lab-id.ts'
import { runTool } from '../network/run-tool.ts'

/** A lab is root's, so nobody else can ask or end it either. */
export function requireRoot(): void {
  if (process.getuid?.() !== 0)
    throw new CommandError(
      EXIT.missingProgram,
      'a lab is built of network namespaces, which only root can make',
    )
}

export function requireLabTools(): void {
  requireRoot()
  for (const program of ['ip', 'nft', 'pdns_server', 'openssl', 'sysctl', 'nsenter', 'dnsperf'])
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
  // By the name of a lab, so that the next one removes it where this process is killed.
  const namespace = labId.namespace(labId.own(), 'trial')
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
