/** What a PostgreSQL that was killed leaves in the memory of the machine, for ever: a System V segment, which its `postmaster.pid` names. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const RELEASED_WITHIN_MS = 5_000

/**
 * For the folder of its data, once it has ended. Those that it had started end by themselves, a moment after it; what somebody else has
 * attached is not it, and stays.
 */
export async function releaseSharedMemory(dataFolder: string): Promise<void> {
  const file = join(dataFolder, 'postmaster.pid')
  if (!existsSync(file)) return
  const [key = '', id = ''] = (readFileSync(file, 'utf8').split('\n')[6] ?? '').trim().split(/\s+/)
  const deadlineMs = performance.now() + RELEASED_WITHIN_MS
  for (;;) {
    const rows = readFileSync('/proc/sysvipc/shm', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
    const [, , , , , , attached] = rows.find(([hisKey, hisId]) => hisKey === key && hisId === id) ?? []
    if (attached === '0') spawnSync('ipcrm', ['-m', id])
    if (attached === undefined || attached === '0' || performance.now() > deadlineMs) return
    await delay(20)
  }
}
