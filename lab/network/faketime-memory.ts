/** What libfaketime leaves in the memory of the machine when a process ends in which it was: two files by the process id. */
import { rmSync } from 'node:fs'

export function removeFaketimeMemory(pid: number): void {
  for (const name of ['faketime_shm_', 'sem.faketime_sem_']) rmSync(`/dev/shm/${name}${pid}`, { force: true })
}
