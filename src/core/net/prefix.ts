/**
 * IP prefixes as Fairlead keeps them: canonical address, slash, length. What has bits below its length is refused rather than
 * masked: whoever wrote 192.0.2.1/24 meant either the one or the other.
 */
import ipaddr from 'ipaddr.js'
import { parseAddress, type AddressFamily } from './address.ts'

export interface Prefix {
  readonly family: AddressFamily
  /** 0 to 32 or 128. */
  readonly length: number
  /** Canonical: RFC 5952 for IPv6, '/' and the length. */
  readonly text: string
}
export type ParsedPrefix =
  { readonly kind: 'prefix'; readonly prefix: Prefix } | { readonly kind: 'fault'; readonly message: string }

/** Untrusted text to a canonical prefix. */
export function parsePrefix(text: string): ParsedPrefix {
  const [base = '', length, ...more] = text.split('/')
  const parsed = parseAddress(base)
  if (parsed.kind === 'fault') return parsed
  const { family, text: address } = parsed.address
  const bits = family === 4 ? 32 : 128
  if (
    length === undefined ||
    more.length > 0 ||
    !/^(?:0|[1-9]\d{0,2})$/.test(length) ||
    Number(length) > bits
  )
    return fault(`'${address}' needs one length of 0 to ${bits}, such as ${address}/${bits}`)
  const network = networkOf(address, Number(length))
  if (network !== address)
    return fault(`'${address}/${length}' has bits below its length: write ${network}/${length}`)
  return { kind: 'prefix', prefix: { family, length: Number(length), text: `${address}/${length}` } }
}

/** The first address of the prefix of this length that holds a canonical address. */
export function networkOf(address: string, length: number): string {
  const bytes = ipaddr.parse(address).toByteArray()
  const masked = bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, length - index * 8))))
  const network = ipaddr.fromByteArray(masked.map((byte) => byte & 0xff))
  return network instanceof ipaddr.IPv6 ? network.toRFC5952String() : network.toString()
}

function fault(message: string): ParsedPrefix {
  return { kind: 'fault', message }
}
