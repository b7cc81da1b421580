/**
 * The short matrix: the faults that Fairlead must bear, in three data centres out of network namespaces, with clients that judge every
 * answer. In about 100 s; `npm run lab -- run --all` has all of them. And a lab that is killed leaves nothing behind.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { controlAndDatabaseGone } from '../../lab/faults/control-and-database-gone.ts'
import { powerdnsKilled } from '../../lab/faults/powerdns-killed.ts'
import { rollingRestart } from '../../lab/faults/rolling-restart.ts'
import { siteCutOff } from '../../lab/faults/site-cut-off.ts'
import { siteLost } from '../../lab/faults/site-lost.ts'
import { runFault } from '../../lab/matrix/run-fault.ts'
import { labs } from '../../lab/network/remove-labs.ts'
import { startWorld } from '../../lab/world/start-world.ts'
import type { World } from '../../lab/world/world.ts'
import { eventually } from './harness/eventually.ts'

const LAB = join(import.meta.dirname, '../../lab')

describe('the short matrix', () => {
  let world: World
  beforeAll(async () => {
    const size = { sites: 3, pace: '1s', endpointsPerSite: 2, questionsPerSec: 20, delayMs: 0 } as const
    world = await startWorld({ ...size, isBrief: true }, () => undefined)
  })
  afterAll(async () => {
    await world.stop()
  })

  // In an order in which nobody waits for nameservers that settle more often than needed.
  it.each([rollingRestart, powerdnsKilled, controlAndDatabaseGone, siteLost, siteCutOff])(
    '$name',
    async (fault) => {
      const { missed, measured } = await runFault(fault, world)
      expect({ missed, measured }).toMatchObject({ missed: [], measured: { falseWithdrawals: 0 } })
    },
  )
})

it('is removed with every process in it when its owner is killed', async () => {
  const before = labs()
  const newLabs = () => [...labs()].filter((id) => !before.has(id))
  const program = `
    import { startReaper } from '${LAB}/network/start-reaper.ts'
    import { labId } from '${LAB}/network/lab-id.ts'
    import { Network } from '${LAB}/network/network.ts'
    import { spawn } from 'node:child_process'
    startReaper(labId.own())
    const network = new Network({ id: labId.own(), sites: ['ams'] })
    await network.delay(1)
    const [command, ...args] = [...network.prefix('ams'), 'tail', '-f', '/dev/null']
    const child = spawn(command, args, { detached: true, stdio: 'ignore' })
    child.once('spawn', () => console.log(child.pid))`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await once(owner.stdout, 'data')) as [Buffer]
  const isRunning = () => spawnSync('ps', ['-p', said.toString().trim()]).status === 0
  expect(newLabs()).toHaveLength(1)
  expect(isRunning()).toBe(true)
  owner.kill('SIGKILL')
  await eventually(() => {
    expect(newLabs()).toEqual([])
    expect(isRunning()).toBe(false)
  })
})
