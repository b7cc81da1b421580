/** Every process is restarted, one site after the other. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { servicesOf } from '../world/lab-site.ts'

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  design:
    'Every control, checker and nameserver is ended and started, one site after the other; then an endpoint dies. A PowerDNS ends with ' +
    'its agent (without leavePowerdns), so each site is silent for a moment. No answer changes by a restart: silence takes no endpoint ' +
    'out. Where all sites say that it is dead nothing settles.',
  endsPowerdns: true,
  bound: (pace) => ({ ...withinDesign(pace), silentMs: 10_000 }),
  needsRest: false,
  run: async (world) => {
    for (const site of world.sites)
      await world.expecting({ silent: [site] }, async () => {
        for (const service of servicesOf(site)) await service.end()
        await world.start(...servicesOf(site))
        await world.settle()
      })
    await world.endpointDies()
  },
}
