/** PowerDNS stands still. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'
import { signalPowerdns } from '../world/lab-site.ts'

export const powerdnsStopped: Fault = {
  name: 'powerdns-stopped',
  design:
    'The PowerDNS of one site gets SIGSTOP, and an endpoint dies: it is there and does not answer. Its agent notices within three ' +
    'seconds by asking it, ends it and starts another; clients ask another nameserver meanwhile.',
  endsPowerdns: true,
  bound: (pace) => ({ ...withinDesign(pace), silentMs: 6_000 }),
  run: (world) => {
    const site = world.site(0)
    const stop = () => {
      signalPowerdns(site, 'SIGSTOP')
    }
    return world.endpointDies({ meanwhile: () => evidence.replaced(world, site, stop) })
  },
}
