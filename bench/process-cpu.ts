/** CPU time of another process, all its threads, user and system, in us since its start (proc_pid_stat(5), fields 14 and 15). */
import { readFile } from 'node:fs/promises'

/** Linux reports to user space in hundredths of a second on every architecture (USER_HZ). */
const US_PER_TICK = 10_000

export async function processCpuUs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name in brackets, which may hold spaces: what follows begins with field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * US_PER_TICK
}
