/** Every process is restarted, one after the other. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { servicesOf } from '../world/lab-site.ts'

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  design:
    'Every control, checker and nameserver agent is ended and started, one site after the other, as an upgrade does. PowerDNS is ' +
    'left answering, and no answer changes: silence takes no endpoint out.',
  bound: withinDesign,
  run: async (world) => {
    for (const site of world.sites)
      await world.expecting({ silent: [site] }, async () => {
        for (const service of servicesOf(site)) {
          await service.end()
          await service.start()
          await world.settle()
        }
      })
    await world.endpointDies()
  },
}
