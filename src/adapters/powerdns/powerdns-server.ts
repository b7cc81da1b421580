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

  purge(names: readonly string[]): Promise<void> {
    return this.#control.purge(names)
  }

  ask(name: string, type: RecordType | 'SOA'): Promise<DnsAnswer> {
    return this.#client.ask(name, type)
  }
}
