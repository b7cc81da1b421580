/**
 * Where a store on PostgreSQL or CockroachDB is: a URL as libpq has it (PostgreSQL 15, 34.1.1.2), with several hosts.
 * What must stay true: all faults at once; the certificate of a server is verified, and nothing goes in clear beyond loopback.
 */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'

export interface PostgresAddress {
  /** In the order in which they are tried. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  /** A server that takes no writes is passed over. */
  readonly needsWrites: boolean
  readonly connectTimeoutMs: number
  /** false: in clear. The files are read at each new connection, so that renewed ones are used. */
  readonly tls: false | (() => ConnectionOptions)
  /** For people and logs, without the password. */
  readonly place: string
}

export type ParsedPostgresAddress =
  | { readonly kind: 'address'; readonly address: PostgresAddress }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

export const POSTGRES_URL = /^postgres(?:ql)?:\/\//i
const DEFAULT_PORT = 5_432
const CONNECT_TIMEOUT_SEC = 3
const PARAMETERS = [
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'target_session_attrs', 'connect_timeout', 'password'],
  'application_name',
]

/**
 * `password` where the URL has none: a URL is seen by more people than an environment. 'not here': the files that it names are on
 * other machines.
 */
export function parsePostgresAddress(
  text: string,
  password?: string,
  files: 'here' | 'not here' = 'here',
): ParsedPostgresAddress {
  const [, userInfo, hostText = '', path = '', query = ''] =
    /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/i.exec(text) ?? []
  const faults: string[] = []
  const [user, ownPassword] = userOf(userInfo, faults)
  const hosts = hostsOf(hostText, faults)
  const database = decoded(path, 'the name of the database', faults)
  if (database === '') faults.push("a database is expected, as in 'postgres://user@host:5432/fairlead'")
  const parameters = new URLSearchParams(query)
  for (const name of new Set(parameters.keys()))
    if (!PARAMETERS.includes(name))
      faults.push(`unknown parameter '${name}': known are ${PARAMETERS.slice(0, 6).join(', ')}`)
  const attributes = parameters.get('target_session_attrs') ?? 'read-write'
  if (attributes !== 'read-write' && attributes !== 'any')
    faults.push("target_session_attrs: 'read-write' (the default) or 'any' is expected")
  const seconds = Number(parameters.get('connect_timeout') ?? CONNECT_TIMEOUT_SEC)
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 60)
    faults.push('connect_timeout: seconds from 1 to 60 are expected')
  const tls = tlsOf(parameters, hosts, faults)
  if (files === 'here') checkFiles(parameters, faults)
  if (faults.length > 0) return { kind: 'faults', faults }
  const secret = ownPassword ?? parameters.get('password') ?? password
  return {
    kind: 'address',
    address: {
      ...{ hosts, user, password: secret, database, tls },
      ...{ needsWrites: attributes === 'read-write', connectTimeoutMs: seconds * 1_000 },
      place: `postgres://${user}@${hostText}/${database}`,
    },
  }
}

function userOf(text: string | undefined, faults: string[]): [string, string | undefined] {
  const [user = '', ...rest] = (text ?? '').split(':')
  if (user === '') faults.push("a user is expected, as in 'postgres://user@host:5432/fairlead'")
  const password = rest.length === 0 ? undefined : decoded(rest.join(':'), 'the password', faults)
  return [decoded(user, 'the user', faults), password]
}

function hostsOf(text: string, faults: string[]): PostgresAddress['hosts'] {
  return text.split(',').map((one, index) => {
    const [, bracketed, plain, portText] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(one) ?? []
    const host = bracketed ?? plain ?? ''
    const port = portText === undefined ? DEFAULT_PORT : Number(portText)
    const isHost = bracketed === undefined ? /^[A-Za-z0-9._-]{1,253}$/.test(host) : isIP(host) === 6
    if (!isHost || port < 1 || port > 65_535)
      // Not as it was written: it may be the end of a password with an '@' in it.
      faults.push(
        `host ${index + 1} is none: expected are 'db1.example.net:5432' or '[2001:db8::1]:5432' (an '@' in a password is '%40')`,
      )
    return { host, port }
  })
}

function decoded(text: string, what: string, faults: string[]): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    faults.push(`${what}: a '%' stands before two hexadecimal digits`)
    return ''
  }
}

function tlsOf(
  parameters: URLSearchParams,
  hosts: PostgresAddress['hosts'],
  faults: string[],
): PostgresAddress['tls'] {
  const mode = parameters.get('sslmode') ?? 'verify-full'
  const [authority, certificate, key] = ['sslrootcert', 'sslcert', 'sslkey'].map((name) =>
    parameters.get(name),
  )
  if (mode === 'disable') {
    const remote = hosts.filter(({ host }) => !isLoopback(host)).map(({ host }) => host)
    if (remote.length > 0)
      faults.push(
        `sslmode=disable would send the configuration in clear to ${remote.join(', ')}: it is for loopback only`,
      )
    return false
  }
  if (mode !== 'verify-full' && mode !== 'verify-ca')
    faults.push(
      "sslmode: 'verify-full' (the default), 'verify-ca' or, on loopback, 'disable' is expected; the others verify nothing",
    )
  if ((certificate === null) !== (key === null)) faults.push('sslcert and sslkey belong together: give both')
  return () => ({
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
    ...(typeof authority === 'string' && { ca: readFileSync(authority) }),
    ...(typeof certificate === 'string' &&
      typeof key === 'string' && {
        cert: readFileSync(certificate),
        key: readFileSync(key),
      }),
  })
}

function checkFiles(parameters: URLSearchParams, faults: string[]): void {
  if (parameters.get('sslmode') === 'disable') return
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const path = parameters.get(name)
    if (path === null) continue
    try {
      readFileSync(path)
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
