/**
 * The data of an HTTPS or SVCB record (RFC 9460 2.2) in presentation format: types that dns-packet gives as bytes.
 * What must stay true: bytes that are no such record give null, never a part.
 */
import ipaddr from 'ipaddr.js'

const ALPN = 1
const PORT = 3
const IPV4_HINT = 4
const IPV6_HINT = 6

/** Such as '1 . alpn=h2,h3 ipv4hint=192.0.2.1'; null: malformed, or with a parameter that Fairlead never serves. */
export function serviceBindingText(data: Uint8Array): string | null {
  const bytes = Buffer.from(data)
  if (bytes.length < 3) return null
  const name = readName(bytes, 2)
  if (name === null) return null
  const parts = [String(bytes.readUInt16BE(0)), name.text]
  let at = name.end
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt16BE(at + 2)
    if (end > bytes.length) return null
    const text = parameterText(bytes.readUInt16BE(at), bytes.subarray(at + 4, end))
    if (text === null) return null
    parts.push(text)
    at = end
  }
  return at === bytes.length ? parts.join(' ') : null
}

/** Uncompressed (RFC 9460 2.2); '.' is the owner itself. */
function readName(bytes: Buffer, from: number): { readonly text: string; readonly end: number } | null {
  const labels: string[] = []
  let at = from
  for (;;) {
    const length = bytes[at]
    if (length === undefined || length > 63 || at + 1 + length > bytes.length) return null
    at += 1
    if (length === 0) return { text: labels.length === 0 ? '.' : labels.join('.').toLowerCase(), end: at }
    labels.push(bytes.subarray(at, at + length).toString('latin1'))
    at += length
  }
}

function parameterText(key: number, value: Buffer): string | null {
  switch (key) {
    case ALPN: {
      const names = alpnNames(value)
      return names === null ? null : `alpn=${names.join(',')}`
    }
    case PORT:
      return value.length === 2 ? `port=${value.readUInt16BE(0)}` : null
    case IPV4_HINT:
      return hintText('ipv4hint', value, 4)
    case IPV6_HINT:
      return hintText('ipv6hint', value, 16)
    default:
      return null
  }
}

function alpnNames(value: Buffer): string[] | null {
  const names: string[] = []
  for (let at = 0; at < value.length;) {
    const end = at + 1 + (value[at] ?? 0)
    if (end > value.length) return null
    names.push(value.subarray(at + 1, end).toString('latin1'))
    at = end
  }
  return names
}

function hintText(word: string, value: Buffer, size: 4 | 16): string | null {
  if (value.length === 0 || value.length % size !== 0) return null
  const addresses = Array.from({ length: value.length / size }, (_, index) => {
    const address = ipaddr.fromByteArray([...value.subarray(index * size, (index + 1) * size)])
    return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString()
  })
  return `${word}=${addresses.join(',')}`
}
