/** One of two controls is killed. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'

export const controlKilled: Fault = {
  name: 'control-killed',
  design:
    'One of the two controls is killed. Nodes go to the other one; answers need neither, so an endpoint that dies is out in the same ' +
    'time.',
  bound: withinDesign,
  run: async (world) => {
    const [, control] = world.controls
    await control?.end('SIGKILL')
    // Longer than a node that is gone is taken for one that reports.
    await world.endpointDies({ atLeastMs: 6_000 })
    await evidence.led(world)
    await control?.start()
  },
}
