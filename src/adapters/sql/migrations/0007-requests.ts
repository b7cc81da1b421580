/** What was asked for under the id of a change set, as a digest: nothing else is taken for the same. */
import type { Migration } from './migration.ts'

export const requests: Migration = {
  number: 7,
  name: 'requests',
  statements: [
    `create table requests (
      change_set_id text not null primary key,
      digest text not null
    )`,
  ],
}
