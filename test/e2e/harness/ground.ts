/** Where the parts of a cluster run: each has an address of its own, and may need a prefix to its command line to get there. */
import { freePort } from '../../../src/adapters/probes/testing/free-port.ts'

export interface Place {
  readonly address: string
  /** Goes before the command. */
  readonly prefix: readonly string[]
  /** Of an address that nothing listens on there. */
  readonly port: () => Promise<number>
}

export interface Ground {
  /** The same one for the same name. */
  place(name: string): Place
  /** Ends it, when nothing runs there any more. */
  clear(): void
}

/** Loopback addresses: the parts of a site share one, as on one machine. */
export function loopback(addresses: Readonly<Record<string, string>>): Ground {
  return {
    place: (name) => {
      const address = addresses[name] ?? '127.0.0.1'
      return { address, prefix: [], port: () => freePort(address) }
    },
    clear: () => undefined,
  }
}
