/** The agent beside a PowerDNS is killed. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const nameserverAgentKilled: Fault = {
  name: 'nameserver-agent-killed',
  design:
    'The agent of one nameserver is killed, and an endpoint dies. Its PowerDNS answers on with the last plan, which the endpoint is ' +
    'still in; the agent is started while it is dead, and takes it out once all sites say so.',
  bound: withinDesign,
  run: async (world) => {
    const site = world.site(2)
    const holdEnds = world.expect({ holding: [site] })
    await site.nameserver.end('SIGKILL')
    await world.endpointDies({
      meanwhile: async () => {
        await world.settled()
        await world.start(site.nameserver)
        holdEnds()
      },
    })
  },
}
