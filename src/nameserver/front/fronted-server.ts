/** PowerDNS behind dnsdist, as the read-back sees the two: both caches emptied, and asked where clients ask. */
import type { RecordType } from '../../core/dns/record-set.ts'
import type { DnsAnswer, DnsServer } from '../../ports/dns-server.ts'

export class FrontedServer implements DnsServer {
  readonly #behind: DnsServer
  readonly #expunge: (names: readonly string[]) => Promise<void>

  constructor(behind: DnsServer, expunge: (names: readonly string[]) => Promise<void>) {
    this.#behind = behind
    this.#expunge = expunge
  }

  /**
   * The one behind first: what it still held would come back into the one before it. Also when that is dead: another one, of a
   * neighbour, may answer for it.
   */
  async purge(names: readonly string[]): Promise<void> {
    try {
      await this.#behind.purge(names)
    } finally {
      await this.#expunge(names)
    }
  }

  /** `behind` asks where clients do. */
  ask(name: string, type: RecordType | 'SOA' | 'DNSKEY'): Promise<DnsAnswer> {
    return this.#behind.ask(name, type)
  }
}
