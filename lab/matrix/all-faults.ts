/** Every fault of lab/faults: a file there is all that it takes to add one. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from './fault.ts'

const FOLDER = join(import.meta.dirname, '../faults')

export async function allFaults(): Promise<Fault[]> {
  const files = globSync('*.ts', { cwd: FOLDER }).sort()
  const modules = await Promise.all(
    files.map((file) => import(join(FOLDER, file)) as Promise<Readonly<Record<string, unknown>>>),
  )
  return modules.flatMap((exported) => Object.values(exported)).filter(isFault)
}

/** A file may export something beside its fault. */
function isFault(exported: unknown): exported is Fault {
  return typeof exported === 'object' && exported !== null && 'run' in exported && 'bound' in exported
}
