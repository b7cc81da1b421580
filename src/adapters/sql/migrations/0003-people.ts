/** Tokens that may not do everything, and the audit log. */
import type { Migration } from './migration.ts'

export const people: Migration = {
  number: 3,
  name: 'people',
  statements: [
    // Beside `tokens` and not in it: an older control that runs beside a newer one must not take these for tokens without limits.
    `create table limited_tokens (
      id text not null primary key,
      name text not null,
      hash text not null unique,
      created_at_ms bigint not null,
      role text not null,
      scope text,
      expires_at_ms bigint
    )`,
    `create table audit (
      at_ms bigint not null,
      id text not null,
      body text not null,
      primary key (at_ms, id)
    )`,
  ],
}
