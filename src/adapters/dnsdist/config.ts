/**
 * dnsdist's configuration. Pure.
 * What must stay true: an answer is never older than a second while PowerDNS lives; PowerDNS is told who asks (PROXY protocol), so
 * that it draws for the client and not for dnsdist; nothing listens but DNS, and a console and its metrics on loopback, with keys.
 * Source: dnsdist 1.7 reference; seen on 1.7.3 (docs/adr/0009-front.md).
 */
import { luaString } from '../lua/lua-string.ts'
import { steeringProgram } from './steering-lua.ts'

export interface FrontSettings {
  /** Where DNS is served. */
  readonly addresses: readonly string[]
  readonly port: number
  /** The PowerDNS beside it. */
  readonly backend: Place
  /** Those of other sites, asked when the own one is gone, in this order. */
  readonly neighbours: readonly Place[]
  readonly encrypted?: EncryptedSettings | undefined
  /** Queries a second that one client (an IPv4 address, an IPv6 /56) may ask. */
  readonly clientQueriesPerSec: number
  /** Names that are not there, a second, that one client may ask for by UDP. */
  readonly unknownNamesPerSec: number
  /** Of the table, with a slash at its end. */
  readonly tableDirectory: string
  readonly console: Place & { readonly key: string }
  readonly metrics: Place & { readonly password: string }
}

export interface EncryptedSettings {
  readonly certificateFile: string
  readonly keyFile: string
  readonly tlsPort?: number | undefined
  readonly httpsPort?: number | undefined
}

export interface Place {
  readonly host: string
  readonly port: number
}

/** dnsdist asks from here, and PowerDNS believes whom it names: an address of loopback that nobody else uses. */
export const FRONT_SOURCE = { 4: '127.0.0.3', 6: '::1' } as const

const CACHE_ENTRIES = 200_000
/** Without any PowerDNS an answer is given so long after its time (RFC 8767 5 speaks of days). */
const STALE_SEC = 86_400

export function renderFront(settings: FrontSettings): string {
  return [
    '-- Written by Fairlead: changes are lost. Other settings go by options of `fairlead nameserver`.',
    ...locals(settings),
    ...servers(settings),
    ...caching(),
    ...limits(settings),
    ...management(settings),
    `addAction(AllRule(), LuaFFIPerThreadAction([==[\n${steeringProgram({ directory: settings.tableDirectory })}]==]))`,
    '',
  ].join('\n')
}

function locals({ addresses, port, encrypted }: FrontSettings): string[] {
  const lines = [
    "setACL({'0.0.0.0/0', '::/0'})",
    'setSecurityPollSuffix("")',
    'setMaxTCPConnectionsPerClient(1000)',
    // Queries that wait are taken, and answered, together.
    'setUDPMultipleMessagesVectorSize(64)',
  ]
  for (const address of addresses) {
    const at = luaString(placeText({ host: address, port }))
    // One: several that share a port (reusePort) reset one in a hundred TCP connections (seen on 1.7.3).
    lines.push(`addLocal(${at})`)
    if (encrypted === undefined) continue
    const files = `${luaString(encrypted.certificateFile)}, ${luaString(encrypted.keyFile)}`
    const { tlsPort, httpsPort } = encrypted
    if (tlsPort !== undefined)
      lines.push(
        `addTLSLocal(${luaString(placeText({ host: address, port: tlsPort }))}, ${files}, { minTLSVersion = 'tls1.2' })`,
      )
    if (httpsPort !== undefined)
      lines.push(
        `addDOHLocal(${luaString(placeText({ host: address, port: httpsPort }))}, ${files}, '/dns-query', { minTLSVersion = 'tls1.2' })`,
      )
  }
  return lines
}

function servers({ backend, neighbours }: FrontSettings): string[] {
  // Asked every second for a name that nobody has: any reply will do.
  const check =
    "checkName = 'probe.invalid.', checkType = 'SOA', checkInterval = 1, checkTimeout = 500, maxCheckFailures = 1"
  const own = backend.host.includes(':') ? FRONT_SOURCE[6] : FRONT_SOURCE[4]
  return [
    `newServer({ address = ${luaString(placeText(backend))}, name = 'own', order = 1, source = ${luaString(own)}, useProxyProtocol = true, ${check} })`,
    ...neighbours.map(
      (place, index) =>
        `newServer({ address = ${luaString(placeText(place))}, name = 'neighbour-${index + 1}', order = ${index + 2}, useClientSubnet = true, ${check} })`,
    ),
    'setServerPolicy(firstAvailable)',
    'setECSSourcePrefixV4(32)',
    'setECSSourcePrefixV6(128)',
    'setServFailWhenNoServer(true)',
    'setUDPTimeout(1)',
  ]
}

function caching(): string[] {
  return [
    `fairleadCache = newPacketCache(${CACHE_ENTRIES}, { maxTTL = 1, minTTL = 0, maxNegativeTTL = 1, temporaryFailureTTL = 0, staleTTL = 5, keepStaleData = true, dontAge = true })`,
    "getPool(''):setCache(fairleadCache)",
    `setStaleCacheEntriesTTL(${STALE_SEC})`,
    // What is called at each publication: a name, or one and all below it.
    'function fairleadExpunge(list)',
    '  for name in list:gmatch("%S+") do',
    "    if name:sub(-1) == '$' then fairleadCache:expungeByName(newDNSName(name:sub(1, -2)), DNSQType.ANY, true)",
    '    else fairleadCache:expungeByName(newDNSName(name), DNSQType.ANY, false) end',
    '  end',
    '  return "ok"',
    'end',
    'function fairleadBackend(isUp)',
    '  for _, server in ipairs(getServers()) do',
    "    if server:getName() == 'own' then if isUp then server:setAuto() else server:setDown() end end",
    '  end',
    '  return "ok"',
    'end',
  ]
}

function limits({ clientQueriesPerSec, unknownNamesPerSec }: FrontSettings): string[] {
  return [
    // Truncated and not dropped: whoever really is there comes again by TCP. No blocks by what was seen (dynBlockRulesGroup): they
    // go through all that was asked, every second.
    `addAction(AndRule({ TCPRule(false), MaxQPSIPRule(${integer(clientQueriesPerSec)}, 32, 56) }), TCAction())`,
    'function fairleadTruncate(response)',
    '  response.dh:setTC(true)',
    // Or the next client would be given what was cut off for this one.
    '  response.skipCache = true',
    '  return DNSResponseAction.None, ""',
    'end',
    `addResponseAction(AndRule({ TCPRule(false), RCodeRule(DNSRCode.NXDOMAIN), MaxQPSIPRule(${integer(unknownNamesPerSec)}, 32, 56) }), LuaResponseAction(fairleadTruncate))`,
  ]
}

function management({ console, metrics }: FrontSettings): string[] {
  return [
    `controlSocket(${luaString(placeText(console))})`,
    `setKey(${luaString(console.key)})`,
    "setConsoleACL({'127.0.0.0/8', '::1/128'})",
    `webserver(${luaString(placeText(metrics))})`,
    `setWebserverConfig({ password = ${luaString(metrics.password)}, apiKey = ${luaString(metrics.password)}, acl = '127.0.0.0/8, ::1/128', statsRequireAuthentication = true })`,
  ]
}

export function placeText({ host, port }: Place): string {
  return host.includes(':') ? `[${host}]:${integer(port)}` : `${host}:${integer(port)}`
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError('an integer is expected in dnsdist.conf')
  return String(value)
}
