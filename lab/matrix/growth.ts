/**
 * Memory and open files of processes over time. What must stay true: a process is compared with itself alone; one that was restarted
 * begins anew; nothing is judged before it is warm.
 */
import { readdirSync, readFileSync } from 'node:fs'

export interface Sample {
  readonly process: string
  readonly pid: number
  readonly rssMb: number
  readonly files: number
}

/** Beyond the first sample of a process: what a heap that is not collected yet, and connections under way, may take. */
const MEMORY_FACTOR = 1.5
const MEMORY_MB = 64
const FILES = 64

/** null: it is gone. */
export function sampleOf(process: string, pid: number): Sample | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const rssKb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN)
    if (Number.isNaN(rssKb)) return null
    const files = readdirSync(`/proc/${pid}/fd`).length
    return { process, pid, rssMb: Math.round(rssKb / 1_024), files }
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return null
    throw error
  }
}

/** Sentences, one a process that has grown. Pure. */
export function growth(samples: readonly Sample[]): string[] {
  const first = new Map<number, Sample>()
  const worst = new Map<number, string>()
  for (const sample of samples) {
    const start = first.get(sample.pid)
    if (start === undefined) {
      first.set(sample.pid, sample)
      continue
    }
    const { process, pid, rssMb, files } = sample
    const mostMb = Math.round(start.rssMb * MEMORY_FACTOR + MEMORY_MB)
    if (rssMb > mostMb)
      worst.set(pid, `${process}: ${rssMb} MB, ${start.rssMb} MB at first, at most ${mostMb}`)
    else if (files > start.files + FILES)
      worst.set(
        pid,
        `${process}: ${files} open files, ${start.files} at first, at most ${start.files + FILES}`,
      )
    else worst.delete(pid)
  }
  return [...worst.values()]
}
