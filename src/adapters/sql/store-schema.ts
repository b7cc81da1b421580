/** The store's tables as migrations/ leave them. Bodies are JSON text, so that every engine keeps them byte for byte. */
export interface StoreSchema {
  readonly migrations: {
    readonly number: number
    readonly name: string
  }
  readonly revisions: {
    readonly number: number
    readonly change_set_id: string
    readonly author: string
    readonly at_ms: number
    readonly message: string
  }
  readonly changes: {
    readonly revision: number
    /** Place within the change set, from 0. */
    readonly position: number
    readonly kind: string
    readonly key: string
    readonly before: string | null
    readonly after: string | null
  }
  readonly resources: {
    readonly kind: string
    readonly key: string
    readonly revision: number
    readonly body: string
  }
  readonly transitions: {
    readonly endpoint: string
    readonly at_ms: number
    readonly control: string
    readonly from_state: string
    readonly to_state: string
    readonly degraded: number
    /** Rule, reason, quorum, votes. */
    readonly body: string
  }
  readonly tokens: {
    readonly id: string
    readonly name: string
    readonly hash: string
    readonly created_at_ms: number
  }
  readonly limited_tokens: {
    readonly id: string
    readonly name: string
    readonly hash: string
    readonly created_at_ms: number
    readonly role: string
    readonly scope: string | null
    readonly expires_at_ms: number | null
  }
  readonly logins: {
    /** SHA-256 of the ID token, hex. */
    readonly hash: string
    readonly token_id: string
    readonly expires_at_ms: number
  }
  readonly audit: {
    readonly at_ms: number
    readonly id: string
    /** All else of the entry. */
    readonly body: string
  }
  readonly proposals: {
    readonly id: string
    readonly at_ms: number
    readonly body: string
    /** null: it waits. */
    readonly decision: string | null
  }
  readonly requests: {
    readonly change_set_id: string
    readonly digest: string
  }
  readonly authorities: {
    readonly name: string
    readonly certificate: string
    readonly sealed_key: string
    readonly created_at_ms: number
  }
  readonly join_tokens: {
    readonly id: string
    readonly hash: string
    readonly identity: string
    /** A list of text. */
    readonly names: string
    readonly created_at_ms: number
    readonly expires_at_ms: number
    readonly key_hash: string
    readonly serial: string
  }
  readonly certificates: {
    readonly serial: string
    readonly identity: string
    readonly issued_at_ms: number
    readonly not_after_ms: number
    readonly revoked_at_ms: number
  }
  readonly authority_steps: {
    readonly name: string
    readonly version: number
    /** A list, as JSON. */
    readonly endorsements: string
  }
  readonly certificate_holders: {
    readonly serial: string
    readonly identity: string
    readonly authority: string
    /** Fingerprints, with a space between. */
    readonly believes: string
    readonly issued_at_ms: number
    readonly not_after_ms: number
    readonly seen_at_ms: number
  }
}
