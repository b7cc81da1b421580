/** A thread that runs scenarios, one job after the other. */
import { parentPort } from 'node:worker_threads'
import { runScenario } from './run-scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import type { SeedJob } from './run-seeds.ts'

const port = parentPort
if (port === null) throw new Error('this file is the program of a worker thread')

port.on('message', ({ scenario: name, seed, checksWallClocks }: SeedJob) => {
  const scenario = SCENARIOS.get(name)
  if (scenario === undefined) throw new Error(`no scenario '${name}'`)
  void runScenario(scenario, { seed, checksWallClocks }).then((result) => {
    port.postMessage(result)
  })
})
