/**
 * Outlives the owner of a lab: `node reaper.ts ID`, its stdin a pipe of the owner's. When the pipe closes the owner is gone, however
 * it went, and what is left of its lab is removed.
 */
import { removeLab } from './remove-labs.ts'

const [, , id] = process.argv
if (id === undefined) throw new Error('reaper ID')
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.stdin.resume().once('end', () => {
  void removeLab(id)
})
