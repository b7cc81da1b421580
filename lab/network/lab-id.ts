/**
 * Whose a lab is: the process id and the start time of its owner, in the names of its namespaces and of its folder.
 * What must stay true: a reused process id is never taken for the owner, so that what a dead one left can be removed safely.
 */
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'fairlead-lab-'
const OWNED = /^fairlead-lab-(\d+)\.(\d+)(?:-|$)/

/** In ticks since the boot; null where there is no such process. The name in brackets may hold spaces, so from behind it. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

export const labId = {
  /** Of this process. */
  own: (): string => `${process.pid}.${startTimeOf(process.pid) ?? '0'}`,
  namespace: (id: string, part: string): string => `${PREFIX}${id}-${part}`,
  folder: (id: string): string => join(tmpdir(), `${PREFIX}${id}`),
  pid: (id: string): number => Number(id.split('.')[0]),
  /** Of a namespace or folder; null if it is not of a lab. */
  of: (name: string): string | null => {
    const [, pid, startTime] = OWNED.exec(name) ?? []
    return pid === undefined || startTime === undefined ? null : `${pid}.${startTime}`
  },
  isAlive: (id: string): boolean => `${labId.pid(id)}.${startTimeOf(labId.pid(id)) ?? ''}` === id,
}
