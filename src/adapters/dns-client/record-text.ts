/**
 * Records of a reply in the presentation format that record sets are kept in (core/dns/record-set.ts), so that what a server
 * says can be compared with what it was told by comparing strings.
 */
import type { Answer } from 'dns-packet'
import { parseAddress } from '../../core/net/address.ts'
import { serviceBindingText } from './service-binding-text.ts'

/** RFC 1035 5.1 text of one record's data; names without trailing dot. null for a type that Fairlead never serves. */
export function recordText(record: Answer): string | null {
  if (/^UNKNOWN_6[45]$/.test(record.type)) {
    const { data } = record as { readonly data?: unknown }
    return data instanceof Uint8Array ? serviceBindingText(data) : null
  }
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the library knows types that are not served
  switch (record.type) {
    case 'A':
    case 'AAAA': {
      const parsed = parseAddress(record.data)
      return parsed.kind === 'address' ? parsed.address.text : record.data
    }
    case 'CNAME':
    case 'NS':
      return record.data.toLowerCase()
    case 'TXT':
      return [record.data].flat().map(quoted).join(' ')
    case 'MX':
      return `${record.data.preference ?? 0} ${record.data.exchange}`
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = record.data
      return `${priority} ${weight} ${port} ${target}`
    }
    case 'CAA':
      return `${record.data.flags ?? 0} ${record.data.tag} ${quoted(record.data.value)}`
    case 'DS': {
      const { keyTag, algorithm, digestType, digest } = record.data
      return `${keyTag} ${algorithm} ${digestType} ${digest.toString('hex')}`
    }
    case 'DNSKEY': {
      const { flags, algorithm, key } = record.data
      return `${flags} 3 ${algorithm} ${key.toString('base64')}`
    }
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data
      return [mname, rname, serial, refresh, retry, expire, minimum].join(' ')
    }
    default:
      return null
  }
}

function quoted(text: string | Buffer): string {
  const plain = typeof text === 'string' ? text : text.toString('latin1')
  return `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
