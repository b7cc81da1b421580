/** `down`: ends the lab that is up, and removes what labs without an owner left. */
import { setTimeout as delay } from 'node:timers/promises'
import { CommandError, EXIT, type ExitCode } from '../../src/core/exit-code.ts'
import { labId } from '../network/lab-id.ts'
import { labs, removeStaleLabs } from '../network/remove-labs.ts'
import { requireRoot } from './require-lab-tools.ts'
import { upLab } from './up-lab.ts'

const GONE_WITHIN_MS = 20_000

export async function labDown(words: readonly string[]): Promise<ExitCode> {
  if (words.length > 0) throw new CommandError(EXIT.badInput, 'down takes nothing')
  requireRoot()
  const id = upLab.find()
  if (id !== null) {
    process.kill(labId.pid(id), 'SIGTERM')
    const deadlineMs = performance.now() + GONE_WITHIN_MS
    while (labs().has(id) && performance.now() < deadlineMs) await delay(50)
    if (labs().has(id)) throw new CommandError(EXIT.failure, `the lab ${id} does not end`)
    console.log('the lab is down')
  }
  const stale = await removeStaleLabs()
  for (const one of stale) console.log(`removed what the lab ${one} had left`)
  if (id === null && stale.length === 0) console.log(nothingText([...labs()]))
  return EXIT.ok
}

/** `running`: labs that are being built, or that run their faults by themselves. */
function nothingText(running: readonly string[]): string {
  if (running.length === 0) return 'no lab is up, and nothing is left of one'
  const pids = running.map((id) => labId.pid(id)).join(', ')
  return `no lab is up to be ended; one is being built, or runs by itself (pid ${pids}): it ends with that process`
}
