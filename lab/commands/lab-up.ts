/** `up`: the lab runs on under a supervisor when this command has ended. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CommandError, EXIT, type ExitCode } from '../../src/core/exit-code.ts'
import type { LabOptions } from './parse-lab-options.ts'
import { requireLabTools } from './require-lab-tools.ts'
import { upLab } from './up-lab.ts'

const SUPERVISOR = join(import.meta.dirname, '../supervisor.ts')

export async function labUp(words: readonly string[], options: LabOptions): Promise<ExitCode> {
  if (words.length > 0) throw new CommandError(EXIT.badInput, 'up takes options only')
  requireLabTools()
  if (upLab.find() !== null)
    throw new CommandError(EXIT.alreadyRunning, 'a lab is up: npm run lab -- down ends it')
  const child = spawn(process.execPath, [SUPERVISOR, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  child.stderr.pipe(process.stderr)
  for await (const line of createInterface({ input: child.stdout }))
    if (line === 'ready') {
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
      console.log(
        `the lab is up, under process ${String(child.pid)}; npm run lab -- status, shell SITE, fault NAME, down`,
      )
      return EXIT.ok
    }
  throw new CommandError(EXIT.failure, 'the lab did not come up')
}
