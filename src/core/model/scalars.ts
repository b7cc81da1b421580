/**
 * The small schemas that every resource is made of. Each canonicalises what it accepts (A-labels, RFC 5952),
 * so that two spellings of one thing are never two things. They serve file, API, CLI and OpenAPI alike.
 */
import { z } from 'zod'
import { parseName, type NameRules, type ParsedName } from '../dns/name.ts'
import { parseAddress } from '../net/address.ts'

/** What a name looks like, for patterns that are made of several. */
export const IDENTIFIER_PATTERN = '[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?'

/** The name of a site, monitor, pool or endpoint. */
export const identifier = z
  .string()
  .regex(new RegExp(`^${IDENTIFIER_PATTERN}$`), {
    error: 'a name is 1 to 63 of a-z, 0-9, dot, dash or underscore, with a letter or digit at both ends',
  })
  .describe('1 to 63 characters of a-z, 0-9, dot, dash, underscore; a letter or digit at both ends')

/** A DNS name; Unicode is accepted and stored as A-labels. */
export const dnsName = canonicalString((text) => parseHostname(text, {})).describe(
  'A DNS name, absolute, the trailing dot optional. Unicode is accepted and stored as A-labels.',
)

/** A DNS name whose leftmost label may be `*`. */
export const dnsNameOrWildcard = canonicalString((text) => parseHostname(text, { wildcard: true })).describe(
  'A DNS name, absolute, the trailing dot optional; the leftmost label may be `*`. Unicode is stored as A-labels.',
)

/** An IPv4 or IPv6 address. */
export const address = canonicalString((text) => {
  const parsed = parseAddress(text)
  return parsed.kind === 'fault' ? parsed : { kind: 'name', name: parsed.address.text }
}).describe('An IPv4 or IPv6 address; IPv6 is stored as RFC 5952 text.')

/** An address, or a host name that clients are sent to by CNAME. */
export const addressOrHostname = canonicalString((text) => {
  const parsed = parseAddress(text)
  if (parsed.kind === 'address') return { kind: 'name', name: parsed.address.text }
  const name = looksLikeAddress(text) ? parsed : parseName(text, {})
  return name.kind === 'name' && !name.name.includes('.')
    ? { kind: 'fault', message: `'${name.name}' is neither an address nor a host name with a dot in it` }
    : name
}).describe('An IPv4 or IPv6 address; or a host name, which clients get as a CNAME')

export const port = z.int().min(1).max(65_535).describe('TCP port')

/** Text that goes into a header or a TLS extension: printable ASCII, no line breaks (RFC 9110 5.5). */
export const headerText = z
  .string()
  .max(4_096)
  .regex(/^[\x20-\x7e\t]*$/, { error: 'printable ASCII on one line is expected' })

export const ttlSec = z.int().min(0).max(604_800).describe('DNS time to live, in seconds (0 to one week)')

export function durationMs(min: number, max: number): z.ZodInt {
  return z.int().min(min).max(max)
}

/** A string that is replaced by its canonical form, or refused with the parser's own sentence. */
export function canonicalString(
  parse: (text: string) => { kind: 'name'; name: string } | { kind: 'fault'; message: string },
): z.ZodString {
  return z
    .string()
    .max(1_024, { abort: true })
    .check((context) => {
      const parsed = parse(context.value)
      if (parsed.kind === 'name') context.value = parsed.name
      else
        context.issues.push({ code: 'custom', message: parsed.message, input: context.value, continue: true })
    })
}

/** A name where an address would be read as one: '192.0.2.1' is a legal name, and never what was meant. */
function parseHostname(text: string, rules: NameRules): ParsedName {
  const parsed = parseName(text, rules)
  if (parsed.kind === 'fault' || parseAddress(parsed.name).kind === 'fault') return parsed
  return { kind: 'fault', message: `'${parsed.name}' is an address: a DNS name is expected here` }
}

/** Digits and dots only, or a colon or slash: whoever writes that means an address, and should hear what is wrong with it. */
function looksLikeAddress(text: string): boolean {
  return /^[\d.]+$/.test(text) || /[:/%]/.test(text)
}
