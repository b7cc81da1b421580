/** Where a run of the lab was made, and with which servers: what stands beside its figures. */
import { cpus } from 'node:os'
import { runTool } from '../network/run-tool.ts'

const PACKAGES = ['pdns-server', 'postgresql-15']

export function describeMachine() {
  const [cpu] = cpus()
  const shown = runTool('dpkg-query', ['--show', '--showformat', '${Package} ${Version}\n', ...PACKAGES])
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
