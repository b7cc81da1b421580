/**
 * The settings of `fairlead control`, `fairlead checker` and `fairlead nameserver`: one table each, from which file, environment,
 * flags and --help come.
 */
import { z } from 'zod'
import { FRONT_SETTINGS, frontShape } from './front-settings.ts'
import type { Setting } from './setting.ts'
import {
  databaseUrl,
  ipAddress,
  listenAddress,
  logLevel,
  path,
  placeAddress,
  storePlace,
  timeSpan,
} from './setting-schemas.ts'

const dnsPort = z.int().min(1).max(65_535)
const historyDays = z.int().min(1).max(3_650)
const controls = z.array(placeAddress).min(1, { error: 'at least one control is expected' }).max(16)

const common: readonly Setting[] = [
  {
    ...{ key: 'certificateFile', kind: 'text', value: 'path', schema: path },
    description:
      'PEM certificate of this process; the URI in it says who this is, and in which site. Without these three files: what init or join wrote into the data directory, which is renewed by itself',
  },
  { key: 'keyFile', kind: 'text', value: 'path', schema: path, description: 'PEM key of the certificate' },
  {
    ...{ key: 'caFile', kind: 'text', value: 'path', schema: path },
    description: 'PEM certificates of the authorities that all others must be certified by',
  },
  {
    ...{ key: 'logLevel', kind: 'text', value: 'level', schema: logLevel, fallback: 'info' },
    description: 'how much to log: debug, info, warn, error or silent',
  },
  {
    ...{ key: 'logFile', kind: 'text', value: 'path', schema: path, fallback: 'stderr' },
    description: 'log there',
  },
]

const commonShape = {
  certificateFile: path.optional(),
  keyFile: path.optional(),
  caFile: path.optional(),
  logLevel: logLevel.default('info'),
  logFile: path.optional(),
}

const dataDir = (fallback: string): Setting => ({
  ...{ key: 'dataDir', kind: 'text', value: 'path', schema: path, fallback },
  description: 'where all state is kept',
})

const geoipDatabase: Setting = {
  ...{ key: 'geoipDatabase', kind: 'list', value: 'path', schema: z.array(path).min(1) },
  description:
    'database of locations (MMDB), for rules by country, ASN and the like; read again when it is replaced',
}

const dnssecKeyFile: Setting = {
  ...{ key: 'dnssecKeyFile', kind: 'text', value: 'path', schema: path },
  description:
    'key-encryption key of signed zones, the same at every control and nameserver: base64 of 32 bytes a line, the first one encrypts; FAIRLEAD_DNSSEC_KEY may hold it instead',
}

const controlsSetting: Setting = {
  ...{ key: 'controls', kind: 'list', value: 'host:port', schema: controls },
  description: 'where controls serve nodes',
}

export const CONTROL_SETTINGS = {
  settings: [
    dataDir('.fairlead/control'),
    {
      ...{
        key: 'store',
        kind: 'text',
        value: 'path|url',
        schema: storePlace,
        fallback: 'control.sqlite in the data directory',
      },
      description:
        'the store, which several controls may share: an SQLite file, or PostgreSQL or CockroachDB as postgres://user@host:5432,host:5432/database; FAIRLEAD_STORE_PASSWORD may hold its password',
    },
    {
      ...{
        key: 'api',
        kind: 'text',
        value: 'address:port',
        schema: listenAddress,
        fallback: '127.0.0.1:5380',
      },
      description: 'where the API listens; port 0: any free one',
    },
    {
      ...{ key: 'nodes', kind: 'text', value: 'address:port', schema: listenAddress, fallback: '[::]:5381' },
      description: 'where checkers and nameservers come in, by mutual TLS',
    },
    geoipDatabase,
    dnssecKeyFile,
    {
      ...{ key: 'authorityKeyFile', kind: 'text', value: 'path', schema: path },
      description:
        "key-encryption key of the key of the cluster's authority, the same at every control that lets nodes join: base64 of 32 bytes a line (default: authority.key in the data directory); FAIRLEAD_AUTHORITY_KEY may hold it instead",
    },
    {
      ...{ key: 'certificateLife', kind: 'text', value: 'time', schema: timeSpan, fallback: '30d' },
      description: 'how long certificates are valid that this control gives, such as 12h or 30d',
    },
    {
      ...{ key: 'oidcFile', kind: 'text', value: 'path', schema: path },
      description:
        'who may log in by an OpenID Connect provider: YAML or JSON file with issuer, clientId and mappings of groups to roles, the same at every control',
    },
    {
      ...{ key: 'historyDays', kind: 'integer', value: 'days', schema: historyDays, fallback: '30' },
      description: 'how long transitions of verdicts are kept in the store',
    },
    {
      ...{ key: 'nativeDatabase', kind: 'text', value: 'url', schema: databaseUrl },
      description:
        'publish into the PowerDNS tables there (native mode): postgres://user@host:5432,host:5432/database; FAIRLEAD_NATIVE_PASSWORD may hold its password',
    },
    ...common,
  ],
  schema: z.strictObject({
    dataDir: path.default('.fairlead/control'),
    store: storePlace.optional(),
    api: listenAddress.prefault('127.0.0.1:5380'),
    nodes: listenAddress.prefault('[::]:5381'),
    geoipDatabase: z.array(path).min(1).optional(),
    dnssecKeyFile: path.optional(),
    authorityKeyFile: path.optional(),
    certificateLife: timeSpan.default('30d'),
    oidcFile: path.optional(),
    historyDays: historyDays.default(30),
    nativeDatabase: databaseUrl.optional(),
    ...commonShape,
  }),
} as const satisfies { settings: readonly Setting[]; schema: z.ZodObject }

export const CHECKER_SETTINGS = {
  settings: [
    dataDir('.fairlead/checker'),
    controlsSetting,
    {
      ...{ key: 'frames', kind: 'text', value: 'address:port', schema: listenAddress, fallback: '[::]:5382' },
      description: 'where nameservers, controls and other checkers get the frames, by mutual TLS',
    },
    ...common,
  ],
  schema: z.strictObject({
    dataDir: path.default('.fairlead/checker'),
    controls,
    frames: listenAddress.prefault('[::]:5382'),
    ...commonShape,
  }),
} as const satisfies { settings: readonly Setting[]; schema: z.ZodObject }

export const NAMESERVER_SETTINGS = {
  settings: [
    dataDir('.fairlead/nameserver'),
    controlsSetting,
    {
      ...{
        key: 'dnsAddress',
        kind: 'list',
        value: 'ip',
        schema: z.array(ipAddress).min(1),
        fallback: '127.0.0.1',
      },
      description: 'where DNS is served',
    },
    {
      ...{ key: 'dnsPort', kind: 'integer', value: 'port', schema: dnsPort, fallback: '5300' },
      description: 'port of DNS',
    },
    {
      ...{ key: 'powerdns', kind: 'text', value: 'path', schema: path, fallback: 'found on the PATH' },
      description: 'the pdns_server to start',
    },
    {
      ...{ key: 'leavePowerdns', kind: 'switch', value: '', schema: z.boolean() },
      description: 'leave PowerDNS answering when this process stops; the next start adopts it',
    },
    {
      ...{ key: 'attachDatabase', kind: 'text', value: 'path', schema: path },
      description: 'SQLite database of a PowerDNS that you run yourself',
    },
    {
      ...{ key: 'attachSocket', kind: 'text', value: 'path', schema: path },
      description: 'control socket of that PowerDNS',
    },
    {
      ...{ key: 'transfers', kind: 'text', value: 'address:port', schema: listenAddress },
      description: 'where secondaries that zones name transfer from, and are told of changes from',
    },
    {
      ...{ key: 'updates', kind: 'switch', value: '', schema: z.boolean() },
      description:
        'publish load balancers into zones of others that name targets, by dynamic updates (RFC 2136)',
    },
    ...FRONT_SETTINGS,
    geoipDatabase,
    dnssecKeyFile,
    ...common,
  ],
  schema: z.strictObject({
    dataDir: path.default('.fairlead/nameserver'),
    controls,
    dnsAddress: z.array(ipAddress).min(1).default(['127.0.0.1']),
    dnsPort: dnsPort.default(5_300),
    powerdns: path.optional(),
    leavePowerdns: z.boolean().default(false),
    attachDatabase: path.optional(),
    attachSocket: path.optional(),
    transfers: listenAddress.optional(),
    updates: z.boolean().default(false),
    ...frontShape,
    geoipDatabase: z.array(path).min(1).optional(),
    dnssecKeyFile: path.optional(),
    ...commonShape,
  }),
} as const satisfies { settings: readonly Setting[]; schema: z.ZodObject }

export type ControlSettings = z.output<typeof CONTROL_SETTINGS.schema>
export type CheckerSettings = z.output<typeof CHECKER_SETTINGS.schema>
export type NameserverSettings = z.output<typeof NAMESERVER_SETTINGS.schema>
export type CommonSettings = Pick<ControlSettings, keyof typeof commonShape | 'dataDir'>
