/** One of two controls is killed. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'

export const controlKilled: Fault = {
  name: 'control-killed',
  design:
    'The first of the two controls is killed and started, so that every node is at the second one, which is killed then. Nodes go to ' +
    'the one that is there; answers need neither, so an endpoint that dies is out in the same time.',
  bound: withinDesign,
  run: async (world) => {
    const [first, second] = world.controls
    await first?.end('SIGKILL')
    await world.load.pass(3_000)
    await first?.start()
    await second?.end('SIGKILL')
    // Longer than a node that is gone is taken for one that reports.
    await world.endpointDies({ atLeastMs: 6_000 })
    await evidence.led(world)
    await second?.start()
  },
}
