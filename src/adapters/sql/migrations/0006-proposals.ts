/** Change sets that wait for an approval. */
import type { Migration } from './migration.ts'

export const proposals: Migration = {
  number: 6,
  name: 'proposals',
  statements: [
    `create table proposals (
      id text not null primary key,
      at_ms bigint not null,
      body text not null,
      decision text
    )`,
    'create index proposals_by_time on proposals (at_ms)',
  ],
}
