/** Almost every third packet between the sites is lost. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'

export const backboneLoses30Percent: Fault = {
  name: 'backbone-loses-30-percent',
  design:
    'Of the packets between sites, and to the canaries, 30 of 100 vanish for half a minute: half of all probes between sites fail. ' +
    'Checkers measure it, need more failures, and fence themselves; nothing that lives is taken out. A death may wait for the end.',
  bound: (pace) => ({ ...withinDesign(pace), outMs: 90_000, recoverMs: 40_000, stale: Infinity }),
  run: async (world) => {
    world.network.lose(30)
    await world.load.pass(30_000)
    const endpoint = world.nextEndpoint()
    await world.kill(endpoint)
    await world.settle(15_000)
    await evidence.dropped(world)
    world.heal()
    await world.settle()
    await world.revive(endpoint)
  },
}
