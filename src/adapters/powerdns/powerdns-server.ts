/** PowerDNS as the publisher sees it: purged over its control socket, asked over DNS as any client would. */
import type { RecordType } from '../../core/dns/record-set.ts'
import type { DnsAnswer, DnsServer } from '../../ports/dns-server.ts'
import type { DnsClient } from '../dns-client/dns-client.ts'
import type { ControlSocket } from './control-socket.ts'

export class PowerDnsServer implements DnsServer {
  readonly #control: ControlSocket
  readonly #client: DnsClient

  constructor(control: ControlSocket, client: DnsClient) {
    this.#control = control
    this.#client = client
  }

  /**
   * Each name twice: PowerDNS empties its packet cache before its query cache, and a query between the two puts the old row
   * from the one back into the other. The second pass finds the query cache empty already.
   */
  purge(names: readonly string[]): Promise<void> {
    return this.#control.purge([...names, ...names])
  }

  ask(name: string, type: RecordType | 'SOA' | 'DNSKEY'): Promise<DnsAnswer> {
    return this.#client.ask(name, type)
  }
}
