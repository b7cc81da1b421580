/** The cluster's authority, tokens to join by, and the certificates that it gave. */
import type { Migration } from './migration.ts'

export const trust: Migration = {
  number: 4,
  name: 'trust',
  statements: [
    // One row: its name is what only one of two controls can take.
    `create table authorities (
      name text not null primary key,
      certificate text not null,
      sealed_key text not null,
      created_at_ms bigint not null
    )`,
    // Spent: key_hash and serial say by whom and for what; until then they are empty.
    `create table join_tokens (
      id text not null primary key,
      hash text not null unique,
      identity text not null,
      names text not null,
      created_at_ms bigint not null,
      expires_at_ms bigint not null,
      key_hash text not null,
      serial text not null
    )`,
    // revoked_at_ms 0: it is good.
    `create table certificates (
      serial text not null primary key,
      identity text not null,
      issued_at_ms bigint not null,
      not_after_ms bigint not null,
      revoked_at_ms bigint not null
    )`,
    'create index certificates_by_identity on certificates (identity)',
    'create index certificates_by_end on certificates (not_after_ms)',
  ],
}
