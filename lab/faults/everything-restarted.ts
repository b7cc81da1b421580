/** All processes of all sites are killed at once and started. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { servicesOf, signalPowerdns } from '../world/lab-site.ts'

export const everythingRestarted: Fault = {
  name: 'everything-restarted',
  design:
    'Every control, checker, nameserver and PowerDNS and the database are killed at once and started again; then an endpoint dies. ' +
    'Answers and verdicts are on disk: PowerDNS answers what it answered, and nothing is published blind.',
  endsPowerdns: true,
  bound: (pace) => ({ ...withinDesign(pace), silentMs: 15_000 }),
  needsRest: false,
  run: async (world) => {
    const services = world.sites.flatMap(servicesOf)
    await world.expecting({ silent: world.sites }, async () => {
      await Promise.all([world.database, ...services].map((one) => one.end('SIGKILL')))
      for (const site of world.sites) signalPowerdns(site, 'SIGKILL')
      await world.database.resume()
      await world.start(...services)
    })
    await world.settle()
    await world.endpointDies()
  },
}
