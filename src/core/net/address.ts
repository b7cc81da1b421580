/**
 * IP addresses as Fairlead keeps them: dotted quad, or RFC 5952 text. Strict on purpose: what resolvers and
 * kernels read in different ways (0177.0.0.1, 1.2.3, scoped fe80::1%eth0) is refused rather than guessed.
 */
import ipaddr from 'ipaddr.js'

export type AddressFamily = 4 | 6
export interface Address {
  readonly family: AddressFamily
  /** Canonical text: RFC 5952 for IPv6. */
  readonly text: string
}
export type ParsedAddress =
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'fault'; readonly message: string }

const QUAD = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/
const HEX_GROUPS = /^[0-9a-f:]+$/i

/** Untrusted text to a canonical address. */
export function parseAddress(text: string): ParsedAddress {
  if (text.includes('%'))
    return fault(
      `'${clip(text)}' has a zone index: an address in DNS cannot be link-local; give a global address`,
    )
  if (text.includes('/')) return fault(`'${clip(text)}' is a prefix: give one address, without '/'`)
  if (text.includes(':')) {
    const groups = withoutQuad(text)
    if (groups === null || !HEX_GROUPS.test(groups) || !ipaddr.IPv6.isValid(groups))
      return fault(`'${clip(text)}' is not an IPv6 address`)
    const parsed = ipaddr.IPv6.parse(groups)
    if (parsed.isIPv4MappedAddress())
      return fault(
        `'${clip(text)}' is an IPv4 address in IPv6 form: write '${parsed.toIPv4Address().toString()}'`,
      )
    return { kind: 'address', address: { family: 6, text: parsed.toRFC5952String() } }
  }
  if (!isQuad(text))
    return fault(`'${clip(text)}' is not an IP address: expected one such as 192.0.2.1 or 2001:db8::1`)
  return { kind: 'address', address: { family: 4, text } }
}

/**
 * The text with a dotted quad at its end written as two groups (RFC 4291 2.2). Read here, since ipaddr.js takes '0177' there
 * for octal and '::192.0.2.1' for a mapped address. null: there are dots, but they are no quad.
 */
function withoutQuad(text: string): string | null {
  if (!text.includes('.')) return text
  const start = text.lastIndexOf(':') + 1
  const quad = text.slice(start)
  if (!isQuad(quad)) return null
  const [a, b, c, d] = ipaddr.IPv4.parse(quad).toByteArray() as [number, number, number, number]
  return `${text.slice(0, start)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

function isQuad(text: string): boolean {
  return QUAD.test(text) && text.split('.').every((octet) => Number(octet) <= 255)
}

/** The family of an address that already passed `parseAddress`. */
export function familyOf(canonical: string): AddressFamily {
  return canonical.includes(':') ? 6 : 4
}

/** True for an endpoint's address that is a host name: it holds a letter and no colon. */
export function isHostname(canonical: string): boolean {
  return !canonical.includes(':') && !QUAD.test(canonical)
}

function clip(text: string): string {
  const clean = text.replaceAll(/[^\x20-\x7e]/g, '?')
  return clean.length > 60 ? `${clean.slice(0, 57)}...` : clean
}

function fault(message: string): ParsedAddress {
  return { kind: 'fault', message }
}
