/** PowerDNS is killed. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { signalPowerdns } from '../world/lab-site.ts'

export const powerdnsKilled: Fault = {
  name: 'powerdns-killed',
  design:
    'The PowerDNS of one site is killed. Its agent starts it again within a second or two; clients ask another nameserver meanwhile. ' +
    'What it answers from then on is current.',
  bound: withinDesign,
  run: async (world) => {
    const site = world.site(1)
    await world.expecting({ silent: [site] }, async () => {
      signalPowerdns(site, 'SIGKILL')
      await world.endpointDies()
    })
  },
}
