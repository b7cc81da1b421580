/** An endpoint answers, but too late. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const endpointSlow: Fault = {
  name: 'endpoint-slow',
  design:
    'An endpoint takes three seconds to answer, longer than the time-out of its monitor: for the clients it is as good as dead, and ' +
    'it is taken out like one.',
  bound: withinDesign,
  run: async (world) => {
    const endpoint = world.nextEndpoint()
    world.truth.begins(endpoint.name, 'dead')
    endpoint.slow(3_000)
    await world.settle()
    endpoint.slow(0)
    world.truth.ends(endpoint.name, 'dead')
  },
}
