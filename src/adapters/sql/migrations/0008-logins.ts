/** ID tokens that were traded for a token, each once, and the tokens that they became. */
import type { Migration } from './migration.ts'

export const logins: Migration = {
  number: 8,
  name: 'logins',
  statements: [
    // Kept until both have ended: then the token goes too.
    `create table logins (
      hash text not null primary key,
      token_id text not null,
      expires_at_ms bigint not null
    )`,
    'create index logins_by_end on logins (expires_at_ms)',
  ],
}
