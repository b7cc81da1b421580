/**
 * Brings a lab back in which a fault failed half way: links, processes that were ended or stopped, endpoints. What must stay true: what
 * runs well is left alone, so that what a fault itself undoes costs nothing twice.
 */
import { servicesOf, signalPowerdns } from './lab-site.ts'
import type { World } from './world.ts'

export async function mend(world: World): Promise<void> {
  world.heal()
  if (world.database.pid === 0) await world.database.resume()
  for (const site of world.sites) signalPowerdns(site, 'SIGCONT')
  const services = world.sites.flatMap(servicesOf)
  for (const service of services) service.signal('SIGCONT')
  await world.start(...services.filter(({ isRunning }) => !isRunning))
  for (const endpoint of world.endpoints)
    if (world.truth.isNow(endpoint.name)) {
      if (endpoint.tls !== null) world.renewCertificate(endpoint)
      world.fillBlackHole(endpoint)
      await endpoint.kill()
      await world.revive(endpoint)
    }
  if (!world.hasBudget) await world.removeCrowd()
  for (const { of, state, toMs } of world.truth.spans) if (toMs === Infinity) world.truth.ends(of, state)
}
