/**
 * Starts the process that ends what a bench leaves when it is killed (reaper.ts), and gives everything of the bench a temporary folder
 * of its own, by which it is known.
 */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** In short: paths of sockets have to be. */
const PREFIX = 'flbench-'

/** Gives back the folder: this process's TMPDIR from now on, and that of those that it starts. */
export function startReaper(): string {
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  // The user of PostgreSQL passes it, to a folder of its own within.
  chmodSync(folder, 0o711)
  const reaper = spawn(process.execPath, [join(import.meta.dirname, 'reaper.ts'), folder], {
    ...{ stdio: ['pipe', 'ignore', 'ignore'], detached: true },
  })
  reaper.unref()
  // A pipe is a socket here, whatever the types say: it keeps nobody alive.
  if (reaper.stdin instanceof Socket) reaper.stdin.unref()
  process.env['TMPDIR'] = folder
  return folder
}
