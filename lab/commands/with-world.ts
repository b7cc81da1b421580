/** A lab for as long as something runs: removed at the end, at a failure, and at Ctrl-C. */
import { startWorld } from '../world/start-world.ts'
import type { World } from '../world/world.ts'
import type { LabOptions } from './parse-lab-options.ts'
import { requireLabTools } from './require-lab-tools.ts'

export async function withWorld<T>(options: LabOptions, run: (world: World) => Promise<T>): Promise<T> {
  requireLabTools()
  const say = (line: string) => process.stderr.write(`lab: ${line}\n`)
  const world = await startWorld(
    {
      ...{ sites: options.sites, pace: options.pace, endpointsPerSite: options.endpoints },
      ...{ questionsPerSec: options.rate, delayMs: options.delay, isBrief: options.brief },
    },
    say,
  )
  const end = () => {
    void world.stop().finally(() => process.exit(130))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end)
  try {
    return await run(world)
  } finally {
    await world.stop()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, end)
  }
}
