/** The agent beside a PowerDNS is killed. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const nameserverAgentKilled: Fault = {
  name: 'nameserver-agent-killed',
  design:
    'The agent of one nameserver is killed. Its PowerDNS answers on with the last plan, which an endpoint that dies meanwhile is still ' +
    'in; when the agent is back the answers are right within the time of a start.',
  bound: withinDesign,
  run: async (world) => {
    const site = world.site(2)
    await world.expecting({ holding: [site] }, async () => {
      await site.nameserver.end('SIGKILL')
      await world.endpointDies()
      await world.start(site.nameserver)
    })
  },
}
