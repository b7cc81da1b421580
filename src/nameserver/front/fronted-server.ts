/**
 * PowerDNS behind dnsdist, as the read-back sees the two: both caches emptied, and asked where clients ask.
 * What must stay true: while nobody is there to fill dnsdist's cache again it is not emptied: what it holds is all that is answered.
 */
import type { RecordType } from '../../core/dns/record-set.ts'
import type { DnsAnswer, DnsServer } from '../../ports/dns-server.ts'

export interface FrontedServerOptions {
  /** PowerDNS, which is asked where clients ask. */
  readonly behind: DnsServer
  /** Of dnsdist's cache. */
  readonly expunge: (names: readonly string[]) => Promise<void>
  /** Others answer when the one behind is dead. */
  readonly hasNeighbours: boolean
}

export class FrontedServer implements DnsServer {
  readonly #options: FrontedServerOptions

  constructor(options: FrontedServerOptions) {
    this.#options = options
  }

  /** The one behind first: what it still held would come back into the one before it. */
  async purge(names: readonly string[]): Promise<void> {
    const { behind, expunge, hasNeighbours } = this.#options
    try {
      await behind.purge(names)
    } catch (error) {
      if (hasNeighbours) await expunge(names)
      throw error
    }
    await expunge(names)
  }

  ask(name: string, type: RecordType | 'SOA' | 'DNSKEY'): Promise<DnsAnswer> {
    return this.#options.behind.ask(name, type)
  }
}
