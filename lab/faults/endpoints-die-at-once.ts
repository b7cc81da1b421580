/** 500 endpoints die in one moment. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { hostAddress, NETWORK_NUMBER } from '../network/addresses.ts'
import { Endpoint } from '../world/endpoint.ts'

const HOSTS = 250

export const endpointsDieAtOnce: Fault = {
  name: 'endpoints-die-at-once',
  design:
    '250 hosts with an IPv4 and an IPv6 address each are added to the pool: 500 endpoints, in one process, which is killed. One ' +
    'death is as quick as many: every verdict is made anew in milliseconds, and one transaction takes them all out. ' +
    'The withdrawal budget, which would hold most of them, is off.',
  bound: withinDesign,
  run: async (world) => {
    const prefix = world.network.prefix('internet')
    const crowd = Array.from({ length: HOSTS }, (_, index) => {
      const about = { name: `crowd-${index + 1}`, site: 'ams', port: 8_080 }
      const address = hostAddress(NETWORK_NUMBER.crowd, index + 1)
      return new Endpoint({ ...about, address }, prefix, ['0.0.0.0', '::'])
    })
    const [first] = crowd
    await world.expecting({ joining: crowd }, async () => {
      await first?.start()
      await world.addCrowd(crowd)
    })
    await world.settle()
    for (const { name } of crowd) world.truth.begins(name, 'dead')
    await first?.kill()
    await world.settle()
    await world.removeCrowd()
  },
}
