/**
 * PowerDNS's configuration, from Fairlead's settings. Pure.
 * What must stay true: staleness is bounded without Fairlead's help (packet cache and query cache at 1 s each: an answer is
 * never older than 2 s, whatever is killed when); new zones answer at once (no zone cache); nothing listens but DNS and an
 * owner-only control socket. Source: PowerDNS 4.7 "Settings"; measured on 4.7.3 (docs/adr/0001-storage-path.md).
 */
import { ANSWER_LINES } from './answer-lines.ts'
import { oneLine } from './one-line.ts'

export interface PowerDnsSettings {
  readonly addresses: readonly string[]
  readonly port: number
  readonly databasePath: string
  readonly socketDir: string
  readonly receiverThreads: number
  /** Whoever asks from these addresses says for whom (PROXY protocol). */
  readonly proxiedFrom?: readonly string[]
  /** Databases of locations (MMDB): absolute paths. */
  readonly geoipDatabases?: readonly string[]
  /** It gives zones to secondaries: by transfer, signed with TSIG. */
  readonly transfers?: boolean
  /** Only the propagation bench turns it on, to measure itself against it. */
  readonly httpApi?: { readonly port: number; readonly key: string }
}

/** Text of pdns.conf. Throws on a value that could become a line of its own. */
export function renderConfig(settings: PowerDnsSettings): string {
  const lines: readonly (readonly [string, string | number])[] = [
    ...backendLines(settings.databasePath, settings.geoipDatabases),
    ['local-address', settings.addresses.join(', ')],
    ['local-port', settings.port],
    ['socket-dir', settings.socketDir],
    // Each receiver thread answers by itself: no queue between threads.
    ['receiver-threads', settings.receiverThreads],
    ['reuseport', 'yes'],
    ['distributor-threads', 1],
    ...(settings.transfers ? transferLines() : [...ANSWER_LINES, ['disable-axfr', 'yes'] as const]),
    ['security-poll-suffix', ''],
    ...(settings.proxiedFrom ? ([['proxy-protocol-from', settings.proxiedFrom.join(', ')]] as const) : []),
    // The default of 20 is spent by one dnsdist, or by a few clients that keep their connections.
    ['max-tcp-connections', 1_000],
    ['version-string', 'anonymous'],
    ['daemon', 'no'],
    ['guardian', 'no'],
    // Errors only: a LUA record that refuses is reported a query, one level above.
    ['loglevel', 3],
    ...apiLines(settings.httpApi),
  ]
  return `${lines.map(([name, value]) => `${name}=${oneLine(name, String(value))}`).join('\n')}\n`
}

/** What an operator adds to the configuration of a PowerDNS that Fairlead is to attach to. */
export function renderAttachSnippet(databasePath: string, geoipDatabases: readonly string[] = []): string {
  const lines = [...backendLines(databasePath, geoipDatabases), ...ANSWER_LINES].map(
    ([name, value]) => `${name}=${oneLine(name, String(value))}`,
  )
  return [
    '# For /etc/powerdns/pdns.d/fairlead.conf, then restart PowerDNS.',
    '# If this server has a `launch` already, use `launch+=gsqlite3:fairlead` and `gsqlite3-fairlead-...` instead.',
    '# PowerDNS and Fairlead both write to this database and its folder (WAL): let them share a group.',
    '# What LUA records call is beside it, in the folder fairlead-lua, which PowerDNS reads.',
    "# Fairlead needs access to PowerDNS's control socket too (usually /run/pdns/pdns.controlsocket).",
    ...lines,
    '',
  ].join('\n')
}

function backendLines(
  databasePath: string,
  geoipDatabases: readonly string[] = [],
): readonly (readonly [string, string | number])[] {
  // The geoip backend serves no zone here: it is what gives locations to LUA records.
  const locations = geoipDatabases.map((path) => `mmdb:${path}`).join(', ')
  return [
    ['launch', geoipDatabases.length === 0 ? 'gsqlite3' : 'gsqlite3,geoip'],
    ...(geoipDatabases.length === 0 ? [] : ([['geoip-database-files', locations]] as const)),
    ['gsqlite3-database', databasePath],
    ['gsqlite3-pragma-synchronous', 0],
    // For every zone, signed or not: which ones are is told by the keys in the database.
    ['gsqlite3-dnssec', 'yes'],
  ]
}

function transferLines(): readonly (readonly [string, string | number])[] {
  return [
    // Without the right key nobody gets a zone, from whatever address.
    ['allow-axfr-ips', ''],
    // A secondary that was told of a change must see it at once: nothing is kept.
    ['cache-ttl', 0],
    ['query-cache-ttl', 0],
    ['negquery-cache-ttl', 0],
    ['zone-cache-refresh-interval', 0],
  ]
}

function apiLines(api: PowerDnsSettings['httpApi']): readonly (readonly [string, string | number])[] {
  if (api === undefined)
    return [
      ['webserver', 'no'],
      ['api', 'no'],
    ]
  return [
    ['webserver', 'yes'],
    ['webserver-address', '127.0.0.1'],
    ['webserver-port', api.port],
    ['webserver-allow-from', '127.0.0.1'],
    ['api', 'yes'],
    ['api-key', api.key],
  ]
}
