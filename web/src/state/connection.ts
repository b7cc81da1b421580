/** Whether what is shown is the present: connected, or not since when and why. What was known stays on the page in any case. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Read every few seconds, without the stream of events. */
  | { readonly kind: 'paced'; readonly reason: string }
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly reason: string }

export type ConnectionChange =
  /** `without`: why there is no stream; '' where there is one. */
  | { readonly kind: 'read'; readonly without: string }
  | { readonly kind: 'broke'; readonly heardAtMs: number; readonly reason: string }

/** The loss begins when something was last heard, however often it is tried again, and for another reason. */
export function connectionAfter(before: Connection, change: ConnectionChange): Connection {
  if (change.kind === 'read')
    return change.without === '' ? { kind: 'live' } : { kind: 'paced', reason: change.without }
  const sinceMs = before.kind === 'lost' ? before.sinceMs : change.heardAtMs
  return { kind: 'lost', sinceMs, reason: change.reason }
}
