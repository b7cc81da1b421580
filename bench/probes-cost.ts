/** The cost of one probe: CPU of the whole process of the prober, divided by the probes that the target counted meanwhile. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Child } from './child.ts'
import { processCpuUs } from './process-cpu.ts'
import type { ServiceName, TargetCounts } from './probes-target.ts'

export interface ProbeCost {
  readonly us: number
  readonly perSec: number
}

export interface CostOptions {
  /** Of the prober. */
  readonly pid: () => number
  readonly target: Child
  readonly service: ServiceName
  /** Before the measurement: start, connections, and code that is compiled as it gets hot. */
  readonly warmUpMs: number
}

const WINDOW_MS = 2_500

export async function measureCost({ pid, target, service, warmUpMs }: CostOptions): Promise<ProbeCost> {
  const read = async () => {
    const counts = await target.ask<TargetCounts>({})
    return { atMs: performance.now(), count: counts[service], cpuUs: await processCpuUs(pid()) }
  }
  await delay(warmUpMs)
  const before = await read()
  await delay(WINDOW_MS)
  const after = await read()
  const count = after.count - before.count
  if (count === 0) throw new Error(`no probe of ${service} reached the target`)
  return {
    us: (after.cpuUs - before.cpuUs) / count,
    perSec: (count * 1_000) / (after.atMs - before.atMs),
  }
}
