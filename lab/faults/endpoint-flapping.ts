/** An endpoint dies and comes back every few seconds. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const endpointFlapping: Fault = {
  name: 'endpoint-flapping',
  design:
    'An endpoint dies and comes back ten times, three seconds each. Whether it is answered does not matter; that no other endpoint is ' +
    'touched does. It needs more successes each time, up to 48, so it may be back a minute after the last time only.',
  bound: (pace) => ({ ...withinDesign(pace), recoverMs: 90_000 }),
  run: async (world) => {
    const endpoint = world.nextEndpoint()
    world.wearOut(endpoint)
    await world.expecting({ doubtful: [endpoint] }, async () => {
      for (let time = 1; time <= 10; time += 1) {
        await endpoint.kill()
        await world.load.pass(3_000)
        await endpoint.start()
        await world.load.pass(3_000)
      }
    })
  },
}
