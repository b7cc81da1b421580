/** Leases of work that one control does for all. */
import type { Migration } from './migration.ts'

/** No times of clocks: how long it is silent is seen by those who look. Also made in PowerDNS's database, which may be the same one. */
export const LEASES_TABLE = `create table if not exists leases (
  name text not null primary key,
  holder text not null,
  epoch bigint not null,
  beat bigint not null,
  lasts_ms bigint not null
)`

export const leases: Migration = { number: 5, name: 'leases', statements: [LEASES_TABLE] }
