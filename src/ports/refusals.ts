/** Who was turned away: for the log, and for whoever keeps a record of it. Telling it never waits and never fails. */
export interface Refusal {
  /** Who it said it was, as far as that is known: the identity of a certificate, or of a join token; '' where nobody knows. */
  readonly who: string
  /** Address that it came from. */
  readonly from: string
  /** In words. */
  readonly reason: string
  /** Identity of the node that was turned away: of a certificate that is believed. Absent: nobody answers for it but the address. */
  readonly by?: string
  /** Identity of the node that turned it away and tells of it. */
  readonly via?: string
  /**
   * Our own authority has certified `who`, or knows it from a join token: it is believed no more, or not here. Absent, beside `by`: it
   * may be made up.
   */
  readonly vouched?: true
}

export type OnRefused = (what: Refusal) => void
