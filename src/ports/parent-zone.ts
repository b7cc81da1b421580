/** The zone above one of ours, as its own name servers give it. */
export interface ParentZone {
  /** Asks every server; `servers` says which, and null that they are to be found. Never rejects. */
  dsOf(
    zone: string,
    servers: readonly { readonly address: string; readonly port: number }[] | null,
  ): Promise<ParentAnswer>
}

export type ParentAnswer =
  | {
      readonly kind: 'answer'
      /** One for each server. */
      readonly servers: readonly {
        readonly server: string
        /** Data of the DS records in presentation format; empty: it has none. */
        readonly ds: readonly string[]
      }[]
      /** The longest time to live seen, in seconds; of the parent's negative answer when there is no DS. */
      readonly ttlSec: number
    }
  /** Not every server said something that counts. */
  | { readonly kind: 'unknown'; readonly detail: string }
