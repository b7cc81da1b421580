/** Revisions with their changes, the resources they leave behind, and the API's tokens. */
import type { Migration } from './migration.ts'

export const initial: Migration = {
  number: 1,
  name: 'initial',
  statements: [
    // The primary key is what lets only one of two writers on the same head succeed, on any engine.
    `create table revisions (
      number bigint not null primary key,
      change_set_id text not null unique,
      author text not null,
      at_ms bigint not null,
      message text not null
    )`,
    `create table changes (
      revision bigint not null references revisions (number),
      position integer not null,
      kind text not null,
      "key" text not null,
      "before" text,
      "after" text,
      primary key (revision, position)
    )`,
    // No reference to revisions: old revisions may go one day, what they left behind stays.
    `create table resources (
      kind text not null,
      "key" text not null,
      revision bigint not null,
      body text not null,
      primary key (kind, "key")
    )`,
    `create table tokens (
      id text not null primary key,
      name text not null,
      hash text not null unique,
      created_at_ms bigint not null
    )`,
  ],
}
