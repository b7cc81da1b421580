/** The hashed owner name of NSEC3 (RFC 5155 5) without salt and with no further iterations (RFC 9276 3.1), as PowerDNS keeps it. */
import { createHash } from 'node:crypto'
import { wireName } from './dnskey.ts'

const ALPHABET = '0123456789abcdefghijklmnopqrstuv'

/** base32hex (RFC 4648 7) of SHA-1 over the name in canonical form: 32 characters in small letters. */
export function nsec3Hash(name: string): string {
  let bits = ''
  for (const byte of createHash('sha1').update(wireName(name)).digest())
    bits += byte.toString(2).padStart(8, '0')
  return bits.replace(/.{5}/g, (five) => ALPHABET[parseInt(five, 2)] ?? '')
}
