/** One of two controls is killed. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const controlKilled: Fault = {
  name: 'control-killed',
  design:
    'One of the two controls is killed. Nodes go to the other one; answers need neither, so an endpoint that dies is out in the same ' +
    'time.',
  bound: withinDesign,
  run: async (world) => {
    const [, control] = world.controls
    await control?.end('SIGKILL')
    await world.endpointDies()
    await control?.start()
  },
}
