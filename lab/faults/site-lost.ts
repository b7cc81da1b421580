/** A whole site goes, with a control and the database in it. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const siteLost: Fault = {
  name: 'site-lost',
  design:
    'Every process of the first site is killed and its link is cut, with a control and the database in it. The two sites that are ' +
    'left are a quorum: they take its endpoints out, and go on following the others.',
  endsPowerdns: true,
  bound: withinDesign,
  run: async (world) => {
    const site = world.site(0)
    await world.expecting({ silent: [site] }, async () => {
      await world.loseSite(site)
      await world.settle()
      await world.endpointDies({ isAllowed: (endpoint) => endpoint.site !== site.name })
      await world.restoreSite(site)
    })
  },
}
