/** PowerDNS's statistics by its control socket (`show *`): names and numbers, as its manual's "Performance" lists them. */
import type { TrafficReport } from '../../ports/report.ts'
import type { ControlSocket } from './control-socket.ts'

export async function powerDnsTraffic(
  control: Pick<ControlSocket, 'command'>,
  atMs: number,
): Promise<TrafficReport> {
  const stats = new Map(
    (await control.command('show *')).split(',').map((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return [name.trim(), Number(value)] as const
    }),
  )
  const of = (name: string) => {
    const value = stats.get(name) ?? 0
    return Number.isFinite(value) ? value : 0
  }
  return {
    ...{ atMs, queries: of('udp-queries') + of('tcp-queries'), latencyUs: of('latency') },
    responses: {
      noerror: of('noerror-packets'),
      nxdomain: of('nxdomain-packets'),
      servfail: of('servfail-packets'),
      refused: of('unauth-packets'),
    },
    ...{ cacheHits: of('packetcache-hit'), cacheMisses: of('packetcache-miss') },
  }
}
