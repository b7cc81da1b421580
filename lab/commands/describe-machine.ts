/** Where a run of the lab was made, and with which servers: what stands beside its figures. */
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

const PACKAGES = ['pdns-server', 'postgresql-15']

export function describeMachine() {
  const [cpu] = cpus()
  const shown = execFileSync(
    'dpkg-query',
    ['--show', '--showformat', '${Package} ${Version}\n', ...PACKAGES],
    {
      encoding: 'utf8',
    },
  )
  const versions = Object.fromEntries(
    shown
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  )
  return {
    ...{ cpu: cpu?.model ?? 'unknown', cores: cpus().length, node: process.version },
    ...{ versions, at: new Date().toISOString() },
  }
}
