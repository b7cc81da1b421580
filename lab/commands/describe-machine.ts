/** Where a run of the lab was made, and with which servers: what stands beside its figures. */
import { cpus } from 'node:os'
import { runTool } from '../network/run-tool.ts'

export function describeMachine() {
  const [cpu] = cpus()
  const format = '${db:Status-Status} ${Package} ${Version}\n'
  const shown = runTool('dpkg-query', ['--show', '--showformat', format, 'pdns-server', 'postgresql-*'])
  // Whichever PostgreSQL is installed.
  const versions = Object.fromEntries(
    Array.from(
      shown.matchAll(/^installed (pdns-server|postgresql-\d+) (.+)$/gm),
      ([, name = '', version = '']) => [name, version],
    ),
  )
  return {
    ...{ cpu: cpu?.model ?? 'unknown', cores: cpus().length, node: process.version },
    ...{ versions, at: new Date().toISOString() },
  }
}
