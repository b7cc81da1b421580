/**
 * The configuration of a PowerDNS that answers from a shared database and has no agent beside it (native mode). Pure.
 * What must stay true: no answer is older than two seconds, since nobody purges its caches; new zones answer at once; the password
 * of the database is not printed. Source: PowerDNS 4.7 "Generic PostgreSQL backend"; measured on 4.7.3 (docs/adr/0011).
 */
import type { PostgresAddress } from '../sql/postgres/postgres-address.ts'
import { ANSWER_LINES } from './answer-lines.ts'
import type { NativeEngine } from './native-schema.ts'
import { oneLine } from './one-line.ts'

export interface NativeConfigOptions {
  readonly engine: NativeEngine
  readonly database: Pick<PostgresAddress, 'hosts' | 'user' | 'database'> & {
    /** Of libpq: how the server's certificate is verified. */
    readonly tlsParameters: string
  }
  /** Databases of locations (MMDB): absolute paths on the servers. */
  readonly geoipDatabases: readonly string[]
}

/** A database whose host is gone without a word holds up a query for no longer. */
const CONNECTION =
  'connect_timeout=2 tcp_user_timeout=2000 keepalives_idle=2 keepalives_interval=1 keepalives_count=2'

type Line = readonly [string, string | number]

/** Text of a file in /etc/powerdns/pdns.d. */
export function renderNativeConfig({ engine, database, geoipDatabases }: NativeConfigOptions): string {
  const lines: readonly Line[] = [
    ['launch', geoipDatabases.length === 0 ? 'gpgsql' : 'gpgsql,geoip'],
    ...(geoipDatabases.length === 0
      ? []
      : [['geoip-database-files', geoipDatabases.map((path) => `mmdb:${path}`).join(', ')] as const]),
    // libpq tries several hosts in their order, each at its port.
    ['gpgsql-host', database.hosts.map(({ host }) => host).join(',')],
    ['gpgsql-port', database.hosts.map(({ port }) => port).join(',')],
    ['gpgsql-dbname', database.database],
    ['gpgsql-user', database.user],
    ['gpgsql-extra-connection-parameters', `${CONNECTION} ${database.tlsParameters}`],
    ['gpgsql-dnssec', 'yes'],
    ...(engine === 'cockroach' ? COCKROACH_QUERIES : []),
    ...ANSWER_LINES,
    ['receiver-threads', 2],
    ['reuseport', 'yes'],
    ['distributor-threads', 1],
    ['max-tcp-connections', 1_000],
    ['disable-axfr', 'yes'],
    ['security-poll-suffix', ''],
  ]
  return [
    '# For /etc/powerdns/pdns.d/fairlead.conf of each server, then restart PowerDNS.',
    '# Add local-address; and gpgsql-password, in a file that only PowerDNS reads. The user needs no more than to read the tables.',
    ...lines.map(([name, value]) => `${name}=${oneLine(name, String(value))}`),
    '',
  ].join('\n')
}

/** Those that PowerDNS documents for CockroachDB, which has none of the operators ~<~ and the like. */
const ORDERED = 'disabled = false and ordername is not null order by 1'
const COCKROACH_QUERIES: readonly Line[] = [
  [
    'gpgsql-get-order-first-query',
    `select ordername from records where domain_id = $1 and ${ORDERED} asc limit 1`,
  ],
  [
    'gpgsql-get-order-before-query',
    `select ordername, name from records where ordername <= $1 and domain_id = $2 and ${ORDERED} desc limit 1`,
  ],
  [
    'gpgsql-get-order-after-query',
    `select ordername from records where ordername > $1 and domain_id = $2 and ${ORDERED} asc limit 1`,
  ],
  [
    'gpgsql-get-order-last-query',
    `select ordername, name from records where ordername != '' and domain_id = $1 and ${ORDERED} desc limit 1`,
  ],
]
