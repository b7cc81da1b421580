/**
 * The store: committed revisions and the resources they leave behind, the API's tokens, the audit log.
 * What must stay true of every store (test/contract/store.ts): a commit is all or nothing and durable before it is
 * acknowledged; revisions are numbered 1, 2, 3 without a hole; a commit made on an old head is refused, never merged.
 */
import type { Access } from '../core/access/access.ts'
import type { AuditEntry, AuditLog } from './audit.ts'
import type { TransitionHistory } from './history.ts'
import type { ProposalDecision, ProposalStore } from './proposals.ts'
import type { LeaseStorage } from './leases.ts'
import type { RecordedChange } from './recorded-change.ts'
import type { Change, Resource } from '../core/model/resource.ts'
import type { AuthorityStore } from './authority-store.ts'
import type { TrustStore } from './trust-store.ts'

export interface StoredResource {
  readonly resource: Resource
  /** Revision that last changed it: its ETag. */
  readonly revision: number
}

export interface ChangeSet {
  /** Chosen by the author; the same id is never applied twice, so that an unknown outcome can be retried. */
  readonly id: string
  /** Revision that `changes` were checked against. */
  readonly baseRevision: number
  readonly author: string
  /** Where the author sits, for the audit log, which every commit leaves an entry in. */
  readonly from: string
  /** Milliseconds since the epoch. */
  readonly atMs: number
  readonly message: string
  /** What the audit log says beside the message, such as why a rule was broken. */
  readonly note?: string
  /** What was asked for, and by whom: under the same id nothing else is taken for the same. Absent: that is not looked at. */
  readonly requestDigest?: string
  /** It is the proposal of this id, and somebody has approved of it: that is decided with the commit, or nothing is. */
  readonly approval?: {
    readonly decision: Omit<ProposalDecision, 'kind' | 'revision'>
    readonly audit: AuditEntry
  }
  /** At least one; at most one per resource. */
  readonly changes: readonly Change[]
}

export type CommitOutcome =
  | { readonly kind: 'committed'; readonly revision: Revision }
  /** Another change set came first: load what is new, check again, try again. */
  | { readonly kind: 'conflict'; readonly head: number }
  /** This id was committed before, with this very request. */
  | { readonly kind: 'already-committed'; readonly revision: Revision }
  /** This id was committed before with another request, or it is that of a proposal, which only its approval commits. */
  | { readonly kind: 'taken' }
  /** The proposal was decided before, or there is none. */
  | { readonly kind: 'decided' }

export interface Revision {
  readonly number: number
  readonly changeSetId: string
  readonly author: string
  readonly atMs: number
  readonly message: string
  readonly changes: readonly RecordedChange[]
}

export interface StoredToken {
  readonly id: string
  readonly name: string
  /** SHA-256 of the token, hex. The token itself is kept nowhere. */
  readonly hash: string
  readonly createdAtMs: number
  /** What it may change. */
  readonly access: Access
  /** Milliseconds since the epoch; null: it does not expire. */
  readonly expiresAtMs: number | null
}

/** An ID token that was traded for a token. */
export interface StoredLogin {
  /** SHA-256 of the ID token, hex. */
  readonly hash: string
  /** It is remembered until then, in ms since the epoch: it has ended itself, and so has the token that it became. */
  readonly untilMs: number
  /** Of now, by the clock of who adds it: what was to be remembered until before that goes. */
  readonly nowMs: number
}

/** What a rotation makes of the token that is there. */
export interface TokenRotation {
  readonly token: StoredToken
  /** End of the old one. */
  readonly oldExpiresAtMs: number
  readonly audit: readonly AuditEntry[]
}

export interface Store {
  /** Number of the newest revision; 0 for an empty store. */
  head(): Promise<number>
  /** Everything, with the revision that it is the state of. */
  load(): Promise<{ readonly revision: number; readonly resources: readonly StoredResource[] }>
  commit(changeSet: ChangeSet): Promise<CommitOutcome>
  /** Newest first; `before` excludes that number and all above it. */
  revisions(page: { readonly before?: number; readonly limit: number }): Promise<readonly Revision[]>
  revision(number: number): Promise<Revision | null>
  /**
   * The one that committed the change set of this id, however long ago; at the cost of that revision alone. 'taken': it was another
   * request.
   */
  revisionOfChangeSet(id: string, requestDigest?: string): Promise<Revision | 'taken' | null>
  /** Oldest first, those after `number`: how a reader catches up. */
  revisionsAfter(number: number, limit: number): Promise<readonly Revision[]>

  tokens(): Promise<readonly StoredToken[]>
  /** With its entry in the audit log. */
  addToken(token: StoredToken, audit: AuditEntry): Promise<void>
  /** As `addToken`, for a login; false: that one was there before, and nothing is done. Those long over go, with their tokens. */
  addLogin(login: StoredLogin, token: StoredToken, audit: AuditEntry): Promise<boolean>
  /**
   * The new token and the end of the old one at once, by what the store has of the old one then; `plan` may be asked again. Gives
   * what was done, or null when there is none of that id: a token that was revoked makes no other.
   */
  rotateToken(id: string, plan: (old: StoredToken) => TokenRotation): Promise<TokenRotation | null>
  /** False when there is none of that id. */
  removeToken(id: string, audit: AuditEntry): Promise<boolean>

  readonly audit: AuditLog
  readonly proposals: ProposalStore
  readonly history: TransitionHistory
  readonly trust: TrustStore
  readonly authorities: AuthorityStore

  /** Of work that one of several controls does for all. */
  readonly leases: LeaseStorage

  /**
   * Calls the listener when something may have been committed, by whomever: a hint, which may be late or never come, so that who
   * follows the store polls as well. Gives back what ends it. null: this store has no hints.
   */
  readonly onHint: ((listener: () => void) => () => void) | null

  close(): Promise<void>
}
