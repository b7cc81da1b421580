/** A site loses its links to all others. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'

export const siteCutOff: Fault = {
  name: 'site-cut-off',
  design:
    'A site reaches no other site and no canary; clients still reach it. Its checker fences itself, its nameserver holds what it has. ' +
    'The others are a quorum: they follow, and may take out the endpoints there, which they do not reach. An endpoint elsewhere is ' +
    'still dead when the links are back: the nameserver there takes it out when it has settled.',
  bound: withinDesign,
  run: async (world) => {
    const site = world.site('lon')
    const holdEnds = world.expect({ holding: [site], doubtful: site.endpoints })
    world.network.cutOff(site.name)
    await world.endpointDies({
      isAllowed: (endpoint) => endpoint.site !== site.name,
      meanwhile: async () => {
        await world.settled()
        await evidence.dropped(world)
        world.heal()
        holdEnds()
      },
    })
  },
}
