/**
 * With FAIRLEAD_KEEP_RESULTS=1 what a run measured is kept in docs/results/patroni.json, which `npm run report` puts into the guide;
 * without it a test writes nothing into the checkout.
 */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

const FILE = join(import.meta.dirname, '../../../docs/results/patroni.json')

export interface Pause {
  readonly what: string
  /** How long each control took no change. */
  readonly pausesMs: readonly number[]
}

export function keepPauses(pauses: readonly Pause[]): void {
  if (process.env['FAIRLEAD_KEEP_RESULTS'] !== '1') return
  const [cpu] = cpus()
  const machine = { cpu: cpu?.model ?? 'unknown', cores: cpus().length, at: new Date().toISOString() }
  writeFileSync(FILE, `${JSON.stringify({ machine, pauses }, null, 1)}\n`)
}
