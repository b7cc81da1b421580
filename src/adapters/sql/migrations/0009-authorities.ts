/**
 * An authority in the place of another. Those themselves are rows of `authorities`, named by their state, 'cluster' being the current
 * one: what older programs know and go on with.
 */
import type { Migration } from './migration.ts'

export const authorities: Migration = {
  number: 9,
  name: 'authorities',
  statements: [
    // One row, as soon as there was a step.
    `create table authority_steps (
      name text not null primary key,
      version bigint not null,
      endorsements text not null
    )`,
    // seen_at_ms 0: nobody came with it yet.
    `create table certificate_holders (
      serial text not null primary key,
      identity text not null,
      authority text not null,
      believes text not null,
      issued_at_ms bigint not null,
      not_after_ms bigint not null,
      seen_at_ms bigint not null
    )`,
  ],
}
