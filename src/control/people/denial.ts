/** Somebody was turned away. */
export interface Denial {
  readonly actor: string
  readonly from: string
  readonly action: string
  readonly detail: string
  /** Who answers for it: a node; '' : nobody does, whatever it says who it is. Absent: the actor, where there is one. */
  readonly by?: string
  /** The node that turned it away, and tells of it. */
  readonly via?: string
  /** Of our own authority is who it says it is, though it was turned away. */
  readonly vouched?: true
  /** Whoever is at the address made up who it is: other names with the same reason are alike. */
  readonly isMadeUp?: boolean
}
