/** A site loses its links to all others. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const siteCutOff: Fault = {
  name: 'site-cut-off',
  design:
    'A site reaches no other site and no canary; clients still reach it. Its checker fences itself, its nameserver holds what it has. ' +
    'The others are a quorum: they follow, and may take out the endpoints there, which they do not reach.',
  bound: withinDesign,
  run: async (world) => {
    const site = world.site('lon')
    await world.expecting({ holding: [site], doubtful: site.endpoints }, async () => {
      world.network.cutOff(site.name)
      await world.endpointDies({ isAllowed: (endpoint) => endpoint.site !== site.name })
      world.heal()
    })
  },
}
