/** CPU time of all threads of a process, ns, to the nanosecond (proc_pid_schedstat: the first number of each thread). */
import { readdir, readFile } from 'node:fs/promises'

/** Of a process whose threads neither come nor go: those that ended are not counted. */
export async function threadsCpuNs(pid: number): Promise<number> {
  const folder = `/proc/${pid}/task`
  const threads = await readdir(folder)
  const times = await Promise.all(
    threads.map(async (thread) =>
      Number((await readFile(`${folder}/${thread}/schedstat`, 'utf8')).split(' ')[0]),
    ),
  )
  return times.reduce((sum, ns) => sum + ns, 0)
}
