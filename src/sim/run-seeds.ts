/** Many seeds of many scenarios, on as many threads as there are processors. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { SeedResult } from './run-scenario.ts'

export interface SeedJob {
  readonly scenario: string
  readonly seed: number
  readonly checksWallClocks: boolean
}

/** Every so many seeds are run a second time with other wall clocks. */
const WALL_CLOCKS_EVERY = 10

export interface SeedsOptions {
  readonly scenarios: readonly string[]
  readonly seeds: number
  readonly firstSeed: number
  readonly threads?: number
  readonly onDone?: (done: number, of: number) => void
}

/** By scenario, in order of seed. */
export async function runSeeds(options: SeedsOptions): Promise<ReadonlyMap<string, readonly SeedResult[]>> {
  const { scenarios, seeds, firstSeed, threads = availableParallelism() } = options
  const jobs = scenarios.flatMap((scenario) =>
    Array.from({ length: seeds }, (_, index): SeedJob => {
      const checksWallClocks = scenario === 'clock-steps' || index % WALL_CLOCKS_EVERY === 0
      return { scenario, seed: firstSeed + index, checksWallClocks }
    }),
  )
  const results = new Map<string, SeedResult[]>(scenarios.map((name) => [name, []]))
  const waiting = jobs.values()
  let done = 0
  await Promise.all(
    Array.from({ length: Math.min(threads, jobs.length) }, () =>
      workOff(waiting, (job, result) => {
        results.get(job.scenario)?.push(result)
        done += 1
        options.onDone?.(done, jobs.length)
      }),
    ),
  )
  for (const list of results.values()) list.sort((a, b) => a.seed - b.seed)
  return results
}

/** One thread, until nothing waits. */
async function workOff(
  waiting: Iterator<SeedJob>,
  onResult: (job: SeedJob, result: SeedResult) => void,
): Promise<void> {
  const worker = new Worker(new URL('./seed-worker.ts', import.meta.url))
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  worker.once('error', reject)
  let current = waiting.next()
  const next = () => {
    if (current.done === true) resolve(undefined)
    else worker.postMessage(current.value)
  }
  worker.on('message', (result: SeedResult) => {
    if (current.done !== true) onResult(current.value, result)
    current = waiting.next()
    next()
  })
  next()
  try {
    await promise
  } finally {
    await worker.terminate()
  }
}
