/** PowerDNS stands still. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { signalPowerdns } from '../world/lab-site.ts'

export const powerdnsStopped: Fault = {
  name: 'powerdns-stopped',
  design:
    'The PowerDNS of one site gets SIGSTOP: it is there and does not answer. Its agent notices by asking it, ends it and starts ' +
    'another; clients ask another nameserver meanwhile.',
  bound: withinDesign,
  run: async (world) => {
    const site = world.site(0)
    await world.expecting({ silent: [site] }, async () => {
      signalPowerdns(site, 'SIGSTOP')
      await world.endpointDies({ atLeastMs: 15_000 })
    })
  },
}
