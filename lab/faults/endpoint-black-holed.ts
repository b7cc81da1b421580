/** Packets to an endpoint vanish. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const endpointBlackHoled: Fault = {
  name: 'endpoint-black-holed',
  design:
    'Every packet to an endpoint vanishes, at its own site too: probes wait for their time-out before they fail.',
  bound: withinDesign,
  run: async (world) => {
    const endpoint = world.nextEndpoint()
    world.blackHole(endpoint)
    await world.settle()
    world.fillBlackHole(endpoint)
  },
}
