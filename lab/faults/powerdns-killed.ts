/** PowerDNS is killed. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'
import { signalPowerdns } from '../world/lab-site.ts'

export const powerdnsKilled: Fault = {
  name: 'powerdns-killed',
  design:
    'The PowerDNS of one site is killed, and an endpoint dies. Its agent starts another within a second or two; clients ask another ' +
    'nameserver meanwhile. What it answers from then on is current.',
  endsPowerdns: true,
  bound: (pace) => ({ ...withinDesign(pace), silentMs: 3_000 }),
  run: (world) => {
    const site = world.site(1)
    const kill = () => {
      signalPowerdns(site, 'SIGKILL')
    }
    return world.endpointDies({ meanwhile: () => evidence.replaced(world, site, kill) })
  },
}
