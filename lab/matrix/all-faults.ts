/** Every fault of lab/faults: a file there is all that it takes to add one. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from './fault.ts'

const FOLDER = join(import.meta.dirname, '../faults')

export async function allFaults(): Promise<Fault[]> {
  const files = globSync('*.ts', { cwd: FOLDER }).sort()
  const modules = await Promise.all(
    files.map((file) => import(join(FOLDER, file)) as Promise<Readonly<Record<string, Fault>>>),
  )
  return modules.flatMap((exported) => Object.values(exported))
}
