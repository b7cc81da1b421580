/**
 * The tables of PowerDNS's generic SQL backends, as PowerDNS 4.7's schema.sqlite3.sql has them
 * (/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql). The server reads all of them; Fairlead writes those that are types here.
 */
import type { Generated } from 'kysely'

export interface PowerDnsSchema {
  domains: DomainsTable
  records: RecordsTable
  cryptokeys: CryptoKeysTable
  domainmetadata: DomainMetadataTable
  tsigkeys: TsigKeysTable
}

interface DomainsTable {
  id: Generated<number>
  name: string
  type: string
  /** Says whose zone it is: Fairlead touches no other's. */
  account: string | null
}

interface RecordsTable {
  id: Generated<number>
  domain_id: number
  name: string
  type: string | null
  content: string | null
  ttl: number | null
  prio: number | null
  ordername: string | null
  auth: number | boolean
}

interface CryptoKeysTable {
  id: Generated<number>
  domain_id: number
  flags: number
  active: number | boolean
  published: number | boolean
  /** The private key as text. */
  content: string
}

interface TsigKeysTable {
  id: Generated<number>
  name: string
  algorithm: string
  /** Base64. */
  secret: string
}

interface DomainMetadataTable {
  id: Generated<number>
  domain_id: number
  kind: string
  content: string | null
}

export const POWERDNS_SCHEMA: readonly string[] = [
  `create table if not exists domains (
    id integer primary key, name varchar(255) not null collate nocase, master varchar(128) default null,
    last_check integer default null, type varchar(8) not null, notified_serial integer default null,
    account varchar(40) default null, options varchar(65535) default null, catalog varchar(255) default null)`,
  'create unique index if not exists name_index on domains(name)',
  'create index if not exists catalog_idx on domains(catalog)',
  `create table if not exists records (
    id integer primary key, domain_id integer default null, name varchar(255) default null,
    type varchar(10) default null, content varchar(65535) default null, ttl integer default null,
    prio integer default null, disabled boolean default 0, ordername varchar(255), auth bool default 1,
    foreign key(domain_id) references domains(id) on delete cascade on update cascade)`,
  'create index if not exists records_lookup_idx on records(name, type)',
  'create index if not exists records_lookup_id_idx on records(domain_id, name, type)',
  'create index if not exists records_order_idx on records(domain_id, ordername)',
  `create table if not exists supermasters (
    ip varchar(64) not null, nameserver varchar(255) not null collate nocase, account varchar(40) not null)`,
  'create unique index if not exists ip_nameserver_pk on supermasters(ip, nameserver)',
  `create table if not exists comments (
    id integer primary key, domain_id integer not null, name varchar(255) not null, type varchar(10) not null,
    modified_at int not null, account varchar(40) default null, comment varchar(65535) not null,
    foreign key(domain_id) references domains(id) on delete cascade on update cascade)`,
  'create index if not exists comments_idx on comments(domain_id, name, type)',
  'create index if not exists comments_order_idx on comments (domain_id, modified_at)',
  `create table if not exists domainmetadata (
    id integer primary key, domain_id int not null, kind varchar(32) collate nocase, content text,
    foreign key(domain_id) references domains(id) on delete cascade on update cascade)`,
  'create index if not exists domainmetaidindex on domainmetadata(domain_id)',
  `create table if not exists cryptokeys (
    id integer primary key, domain_id int not null, flags int not null, active bool, published bool default 1,
    content text, foreign key(domain_id) references domains(id) on delete cascade on update cascade)`,
  'create index if not exists domainidindex on cryptokeys(domain_id)',
  `create table if not exists tsigkeys (
    id integer primary key, name varchar(255) collate nocase, algorithm varchar(50) collate nocase,
    secret varchar(255))`,
  'create unique index if not exists namealgoindex on tsigkeys(name, algorithm)',
]
