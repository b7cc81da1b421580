/** The settings of the dnsdist before a nameserver's PowerDNS. */
import { z } from 'zod'
import type { Setting } from './setting.ts'
import { listenAddress, path } from './setting-schemas.ts'

const front = z.enum(['dnsdist', 'attached'], { error: "'dnsdist' or 'attached' is expected" })
const port = z.int().min(1).max(65_535)
const rate = z.int().min(1).max(10_000_000)

export const FRONT_SETTINGS: readonly Setting[] = [
  {
    ...{ key: 'front', kind: 'text', value: 'dnsdist|attached', schema: front },
    description:
      'serve DNS through dnsdist, with PowerDNS behind it: one that is started and kept running, or one that you run with what `fairlead dnsdist-config` prints',
  },
  { key: 'dnsdist', kind: 'text', value: 'path', schema: path, description: 'the dnsdist to start' },
  {
    ...{
      key: 'backend',
      kind: 'text',
      value: 'address:port',
      schema: listenAddress,
      fallback: '127.0.0.1:5302',
    },
    description:
      'where PowerDNS listens behind dnsdist; the two ports after it, on loopback, are the console and the metrics of dnsdist',
  },
  {
    ...{ key: 'neighbours', kind: 'list', value: 'ip:port', schema: z.array(listenAddress).max(16) },
    description: 'backends of other sites, asked when the own PowerDNS is gone, in this order',
  },
  {
    ...{ key: 'dnsTlsPort', kind: 'integer', value: 'port', schema: port },
    description: 'serve DNS over TLS there (RFC 7858)',
  },
  {
    ...{ key: 'dnsHttpsPort', kind: 'integer', value: 'port', schema: port },
    description: 'serve DNS over HTTPS there, at /dns-query (RFC 8484)',
  },
  {
    ...{ key: 'dnsCertificateFile', kind: 'text', value: 'path', schema: path },
    description: 'PEM certificates of DNS over TLS and over HTTPS',
  },
  {
    key: 'dnsKeyFile',
    kind: 'text',
    value: 'path',
    schema: path,
    description: 'PEM key of that certificate',
  },
  {
    ...{ key: 'clientQueriesPerSec', kind: 'integer', value: 'number', schema: rate, fallback: '1000' },
    description:
      'queries a second by UDP of one client (an IPv4 address, an IPv6 /56); above it is sent to TCP',
  },
  {
    ...{ key: 'unknownNamesPerSec', kind: 'integer', value: 'number', schema: rate, fallback: '100' },
    description: 'names that are not there, a second, by UDP of one client; above it is sent to TCP',
  },
]

export const frontShape = {
  front: front.optional(),
  dnsdist: path.optional(),
  backend: listenAddress.prefault('127.0.0.1:5302'),
  neighbours: z.array(listenAddress).max(16).default([]),
  dnsTlsPort: port.optional(),
  dnsHttpsPort: port.optional(),
  dnsCertificateFile: path.optional(),
  dnsKeyFile: path.optional(),
  clientQueriesPerSec: rate.default(1_000),
  unknownNamesPerSec: rate.default(100),
}

export type FrontFlags = z.output<z.ZodObject<typeof frontShape>>
