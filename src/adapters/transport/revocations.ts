/** The certificates that are not believed any more, whatever else is right about them; by serial, as node:crypto prints it. */
import { createHash } from 'node:crypto'

/** Of a response to reports: which list the control has, so that a node asks for it when it is another than its own. */
export const REVOCATIONS_HEADER = 'fairlead-revocations'

/** Likewise: the version of the authorities that it offers. */
export const AUTHORITIES_HEADER = 'fairlead-authorities'

/** What both say. */
export interface TrustHint {
  readonly digest: string
  /** 0: the control is older than that. */
  readonly version: number
  readonly from: { readonly host: string; readonly port: number }
}

export function digestOfRevocations(serials: readonly string[]): string {
  return createHash('sha256').update(serials.join()).digest('hex').slice(0, 16)
}

export class Revocations {
  readonly #listeners = new Set<() => void>()
  #serials: ReadonlySet<string> = new Set()

  has(serial: string): boolean {
    return this.#serials.has(serial)
  }

  /** All of them. Tells the listeners each time: connections are looked at again, also for what has expired since. */
  replace(serials: Iterable<string>): void {
    this.#serials = new Set(serials)
    for (const listener of this.#listeners) listener()
  }

  /** Calls `listener` after each replacement. The result ends it. */
  onLook(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
