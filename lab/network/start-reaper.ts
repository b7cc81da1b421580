/** Starts the process that removes a lab when its owner, this process, is gone. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

const REAPER = join(import.meta.dirname, 'reaper.ts')

/** Closing its stdin lets it go, too. */
export function startReaper(id: string): ChildProcess {
  const child = spawn(process.execPath, [REAPER, id], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  child.unref()
  return child
}
