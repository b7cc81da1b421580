/** What `fairlead up` is told on the command line, parsed: every mistake is found before anything starts. */
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { z } from 'zod'
import { join, resolve } from 'node:path'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { identifier } from '../../core/model/scalars.ts'
import type { StartDocument, UpOptions } from '../../up/up-options.ts'
import { loadFiles } from '../files/load-files.ts'
import type { Io } from '../io.ts'
import { DNSSEC_KEY_VARIABLE } from './vault-of-settings.ts'
import { frontShape } from '../settings/front-settings.ts'
import { parseFront } from './front-choice.ts'
import { parsePowerdns } from './powerdns-choice.ts'

/** As commander gives them; the defaults stand in up.ts. */
export interface UpFlags {
  readonly dataDir?: string
  readonly name?: string
  readonly site: string
  readonly api: string
  readonly dnsAddress?: string[]
  readonly dnsPort: string
  readonly powerdns?: string
  readonly leavePowerdns?: boolean
  readonly attachDatabase?: string
  readonly attachSocket?: string
  readonly geoipDatabase?: string[]
  readonly dnssecKeyFile?: string
  readonly transfers?: string
  readonly updates?: boolean
  readonly front?: string
  readonly backend?: string
  readonly hint?: string[]
  readonly view: boolean
  readonly logLevel: string
  readonly logFile?: string
}

/** Absolute path of the data directory: the option, the environment, or .fairlead here. */
export function dataDirOf(flags: Pick<UpFlags, 'dataDir'>, io: Io): string {
  const named = flags.dataDir ?? (io.environment['FAIRLEAD_DATA_DIR'] || '.fairlead')
  return resolve(io.workingDirectory, named)
}

/** Throws CommandError with EXIT.badInput, naming the option. */
export function parseUpFlags(
  flags: UpFlags,
  io: Io,
): Pick<
  UpOptions,
  | 'dataDir'
  | 'name'
  | 'site'
  | 'api'
  | 'dns'
  | 'powerdns'
  | 'geoipDatabases'
  | 'dnssecKeyFile'
  | 'dnssecKey'
  | 'transfers'
  | 'front'
  | 'updates'
> {
  const addresses = flags.dnsAddress ?? ['127.0.0.1']
  for (const address of addresses)
    if (isIP(address) === 0) throw wrong('--dns-address', address, 'an IP address such as 127.0.0.1 or ::1')
  return {
    dataDir: dataDirOf(flags, io),
    name: named('--name', flags.name ?? nameOfHost(io.hostName)),
    site: named('--site', flags.site),
    api: parseListen('--api', flags.api),
    updates: flags.updates === true,
    front: frontOf(flags, { addresses, port: parseDnsPort(flags.dnsPort) }, io),
    transfers: flags.transfers === undefined ? undefined : parseListen('--transfers', flags.transfers),
    dns: { addresses, port: parseDnsPort(flags.dnsPort) },
    powerdns: parsePowerdns(flags, io),
    dnssecKeyFile:
      flags.dnssecKeyFile === undefined ? undefined : resolve(io.workingDirectory, flags.dnssecKeyFile),
    dnssecKey: io.environment[DNSSEC_KEY_VARIABLE],
    geoipDatabases: (flags.geoipDatabase ?? []).map((path) => resolve(io.workingDirectory, path)),
  }
}

/** Of what `fairlead nameserver` takes, what a laptop needs. */
function frontOf(
  { front, backend }: UpFlags,
  served: { readonly addresses: readonly string[]; readonly port: number },
  io: Io,
): UpOptions['front'] {
  if (front === undefined) return undefined
  if (front !== 'dnsdist') throw wrong('--front', front, "'dnsdist'")
  const place = backend === undefined ? {} : { backend: parseListen('--backend', backend) }
  return parseFront({ ...z.object(frontShape).parse({ front }), ...place }, served, io)
}

/** The file to start with, checked as a whole; null when none is given. */
export async function readStartDocument(path: string | undefined, io: Io): Promise<StartDocument | null> {
  if (path === undefined) return null
  const { document, sources } = await loadFiles([path], io, { selfContained: true })
  const hash = createHash('sha256')
  for (const source of sources) hash.update(`${source.name}\0${source.text}\0`)
  return { document, digest: hash.digest('hex'), source: path }
}

/** HOST:PORT, the host an IP address, IPv6 in brackets; PORT 0 lets the system choose. */
function parseListen(option: string, text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text)
  const host = match?.[1] ?? match?.[2] ?? ''
  if (match === null || (host !== 'localhost' && isIP(host) === 0))
    throw wrong(option, text, 'an address and port such as 127.0.0.1:5380 or [::1]:5380')
  return { host, port: parsePort(option, match[3] ?? '') }
}

function parsePort(option: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 65_536
  if (port > 65_535) throw wrong(option, text, 'a port from 0 to 65535')
  return port
}

/** PowerDNS binds no port 0. */
function parseDnsPort(text: string): number {
  const port = parsePort('--dns-port', text)
  if (port === 0) throw wrong('--dns-port', text, 'a port from 1 to 65535')
  return port
}

function named(option: string, text: string): string {
  if (identifier.safeParse(text).success) return text
  throw wrong(option, text, '1 to 63 of a-z, 0-9, dot, dash and underscore, a letter or digit at both ends')
}

/** The first label of the host's name, as far as it is a name here. */
function nameOfHost(hostName: string): string {
  const label = (hostName.split('.')[0] ?? '').toLowerCase().replaceAll(/[^a-z0-9-]/g, '')
  return label.replaceAll(/^-+|-+$/g, '').slice(0, 63) || 'local'
}

function wrong(option: string, text: string, expected: string): CommandError {
  return new CommandError(EXIT.badInput, `${option}: '${text}' is not ${expected}`)
}

/** Where the log goes while the view has the terminal. */
export function defaultLogFile(dataDir: string): string {
  return join(dataDir, 'fairlead.log')
}
