/**
 * The audit log: every write, and every attempt that was denied. It is only ever appended to.
 * What must stay true of every store (test/contract/audit.ts): the entry of a write is committed with the write, or neither is;
 * entries come in the order of their time, and none of them twice.
 */
export interface AuditEntry {
  /** Chosen by whoever writes it; of a change set its id. */
  readonly id: string
  /** Milliseconds since the epoch, by the clock of the control that wrote it. */
  readonly atMs: number
  /** Name of the token; empty where none was valid. */
  readonly actor: string
  /** Address of the client, or a word for what is no client. */
  readonly from: string
  /** What was done or tried, such as 'change', 'token create', 'PUT /v1/zones/example.com'. */
  readonly action: string
  readonly outcome: 'done' | 'denied'
  /** That the write made; null where it made none. */
  readonly revision: number | null
  /** Why, in the words of who did it or of who denied it. */
  readonly detail: string
  /** Of a change set: what it touched, the first of them; the revision holds all, with before and after. */
  readonly changes: readonly AuditedChange[]
  /** How many it touched. */
  readonly changeCount: number
  /** How many attempts alike this stands for. */
  readonly times: number
}

export interface AuditedChange {
  readonly op: 'put' | 'delete'
  /** Of a resource. */
  readonly kind: string
  readonly key: string
}

/** Place in the log. */
export interface AuditPosition {
  readonly atMs: number
  readonly id: string
}

export interface AuditPage {
  /** No older ones, in ms since the epoch. */
  readonly sinceMs?: number
  /** Only newer ones than this one. */
  readonly after?: AuditPosition
  /** Only those that ended so. */
  readonly outcome?: AuditEntry['outcome']
  readonly limit: number
}

export interface AuditLog {
  /** Entries that are there already are left alone. Throws what the store throws. */
  append(entries: readonly AuditEntry[]): Promise<void>
  /** Oldest first. */
  read(page: AuditPage): Promise<readonly AuditEntry[]>
  /** Oldest first, the last `limit`, of those that ended so where `outcome` is given. */
  tail(limit: number, outcome?: AuditEntry['outcome']): Promise<readonly AuditEntry[]>
}
