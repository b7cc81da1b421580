/** Who was turned away: for the log, and for whoever keeps a record of it. Telling it never waits and never fails. */
export interface Refusal {
  /** Who it said it was, as far as that is known: the identity of a certificate, or of a join token; '' where nobody knows. */
  readonly who: string
  /** Address that it came from. */
  readonly from: string
  /** In words. */
  readonly reason: string
  /**
   * Identity of the node that answers for it: of a certificate that is believed, or of the node that tells of it. Absent: nobody but
   * whoever is at the address, and all of it may be made up.
   */
  readonly by?: string
}

export type OnRefused = (what: Refusal) => void
