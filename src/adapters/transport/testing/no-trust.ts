/** The trust of a control that lets nobody join: for tests and benches of other things. */
import type { IssueOutcome, NodeTrust } from '../../../ports/trust.ts'

const UNABLE: Promise<IssueOutcome> = Promise.resolve({ kind: 'unable', reason: 'there is no authority' })

export const NO_TRUST: NodeTrust = {
  join: () => UNABLE,
  renew: () => UNABLE,
  revokedSerials: () => [],
  revoked: () => [],
  offer: () => ({ version: 0, authorities: [] }),
  seen: () => undefined,
}
