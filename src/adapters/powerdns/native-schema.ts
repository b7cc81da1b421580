/**
 * The tables that PowerDNS servers without an agent read (native mode), as PowerDNS 4.7 documents them for PostgreSQL
 * (schema.pgsql.sql) and CockroachDB ("Generic PostgreSQL backend", CockroachDB), and beside them the lease of who writes.
 */
import { LEASES_TABLE } from '../sql/migrations/0005-leases.ts'

export type NativeEngine = 'postgres' | 'cockroach'

/** Text of an SQL script that makes all of them. Of an engine that is not there yet nothing is lost when it is run again. */
export function nativeSchema(engine: NativeEngine): string {
  const statements = engine === 'postgres' ? POSTGRES : COCKROACH
  return `${[...statements, LEASES_TABLE].map((statement) => `${statement};`).join('\n\n')}\n`
}

/** PowerDNS keeps names in small letters, and so does Fairlead. */
const LOWERCASE = 'constraint c_lowercase_name check (((name)::text = lower((name)::text)))'

type Id = (sequence: string) => string

function zoneTables(id: Id): string[] {
  return [
    `create table if not exists domains (
  id ${id('domain_id')} primary key,
  name varchar(255) not null,
  master varchar(128) default null,
  last_check int default null,
  type text not null,
  notified_serial bigint default null,
  account varchar(40) default null,
  options text default null,
  catalog text default null,
  ${LOWERCASE}
)`,
    'create unique index if not exists name_index on domains (name)',
    'create index if not exists catalog_idx on domains (catalog)',
    `create table if not exists records (
  id ${id('record_id')} primary key,
  domain_id int default null,
  name varchar(255) default null,
  type varchar(10) default null,
  content varchar(65535) default null,
  ttl int default null,
  prio int default null,
  disabled bool default false,
  ordername varchar(255),
  auth bool default true,
  constraint domain_exists foreign key (domain_id) references domains (id) on delete cascade,
  ${LOWERCASE}
)`,
    'create index if not exists rec_name_index on records (name)',
    'create index if not exists nametype_index on records (name, type)',
    'create index if not exists domain_id_index on records (domain_id)',
    `create table if not exists supermasters (
  ip inet not null,
  nameserver varchar(255) not null,
  account varchar(40) not null,
  primary key (ip, nameserver)
)`,
  ]
}

function otherTables(id: Id): string[] {
  return [
    `create table if not exists comments (
  id ${id('comment_id')} primary key,
  domain_id int not null,
  name varchar(255) not null,
  type varchar(10) not null,
  modified_at int not null,
  account varchar(40) default null,
  comment varchar(65535) not null,
  constraint domain_exists foreign key (domain_id) references domains (id) on delete cascade,
  ${LOWERCASE}
)`,
    'create index if not exists comments_domain_id_idx on comments (domain_id)',
    'create index if not exists comments_name_type_idx on comments (name, type)',
    'create index if not exists comments_order_idx on comments (domain_id, modified_at)',
    `create table if not exists domainmetadata (
  id ${id('meta_id')} primary key,
  domain_id int references domains (id) on delete cascade,
  kind varchar(32),
  content text
)`,
    'create index if not exists domainidmetaindex on domainmetadata (domain_id)',
    `create table if not exists cryptokeys (
  id ${id('key_id')} primary key,
  domain_id int references domains (id) on delete cascade,
  flags int not null,
  active bool,
  published bool default true,
  content text
)`,
    'create index if not exists domainidindex on cryptokeys (domain_id)',
    `create table if not exists tsigkeys (
  id ${id('tsig_id')} primary key,
  name varchar(255),
  algorithm varchar(50),
  secret varchar(255),
  ${LOWERCASE}
)`,
    'create unique index if not exists namealgoindex on tsigkeys (name, algorithm)',
  ]
}

function tables(id: Id): string[] {
  return [...zoneTables(id), ...otherTables(id)]
}

const POSTGRES: readonly string[] = [
  ...tables((sequence) => (sequence === 'record_id' ? 'bigserial' : 'serial')),
  // PowerDNS finds neighbours for DNSSEC in this order (~<~), which CockroachDB has not.
  'create index if not exists recordorder on records (domain_id, ordername text_pattern_ops)',
]

/** Its own `serial` is larger than what PowerDNS keeps an id in. */
const SEQUENCES = ['domain_id', 'record_id', 'comment_id', 'meta_id', 'key_id', 'tsig_id']

const COCKROACH: readonly string[] = [
  ...SEQUENCES.map((name) => `create sequence if not exists ${name} maxvalue 2147483647`),
  ...tables((sequence) => `int default nextval('${sequence}')`),
]
