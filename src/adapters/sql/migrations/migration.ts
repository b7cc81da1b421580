/**
 * One step of the store's schema. Steps are numbered 1, 2, 3, never changed once released, and never undone.
 * The rule for their SQL: what SQLite, PostgreSQL and CockroachDB all read and mean alike. So: text, bigint and integer
 * columns, keys, foreign keys and plain indexes; JSON and booleans kept as text and integer; every name quoted that is a
 * word of any of the three; no triggers, no sequences, no autoincrement, no defaults that compute, no engine's functions.
 */
export interface Migration {
  readonly number: number
  readonly name: string
  /** Programs that do not know this step must not work on the store any more: no rolling upgrade across it. */
  readonly breaksOlder?: true
  /** One statement an entry, run in order, in one transaction. */
  readonly statements: readonly string[]
}
