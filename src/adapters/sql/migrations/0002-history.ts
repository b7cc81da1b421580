/** Transitions of verdicts, each with its evidence: written by controls, pruned by age. */
import type { Migration } from './migration.ts'

export const history: Migration = {
  number: 2,
  name: 'history',
  statements: [
    // By endpoint and time, since that is how it is read; two controls that saw one transition are told apart by name.
    `create table transitions (
      endpoint text not null,
      at_ms bigint not null,
      control text not null,
      from_state text not null,
      to_state text not null,
      degraded integer not null,
      body text not null,
      primary key (endpoint, at_ms, control)
    )`,
    'create index transitions_by_time on transitions (at_ms)',
  ],
}
