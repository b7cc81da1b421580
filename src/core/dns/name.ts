/**
 * DNS names as Fairlead keeps them: lower-case A-labels, no trailing dot (RFC 1035 2.3.1, RFC 5890).
 * What must stay true: a name that passed here holds only [a-z0-9_*.-], so it can be written into
 * SQL parameters, Lua text, zone files and log lines without meaning anything there.
 */
import { toASCII } from 'tr46'

export type ParsedName =
  { readonly kind: 'name'; readonly name: string } | { readonly kind: 'fault'; readonly message: string }

export interface NameRules {
  /** Accept `*` as the leftmost label (RFC 4592). */
  readonly wildcard?: boolean
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/
const ASCII = /^[\x21-\x7e]*$/

/** Untrusted text to a canonical name. A Unicode name is accepted and comes back as A-labels (UTS 46). */
export function parseName(text: string, rules: NameRules = {}): ParsedName {
  const absolute = toAscii(text)
  if (absolute === null) return fault(`'${printable(text)}' is not a valid internationalised name (UTS 46)`)
  const ascii = absolute.endsWith('.') ? absolute.slice(0, -1) : absolute
  if (ascii === '') return fault('a DNS name is expected, such as www.example.test')
  if (ascii.length > 253)
    return fault(`a DNS name has at most 253 characters, this one has ${ascii.length} (RFC 1035)`)
  const labels = ascii.split('.')
  for (const [index, label] of labels.entries()) {
    if (label === '*' && index === 0 && labels.length > 1) {
      if (rules.wildcard) continue
      return fault(`'${printable(ascii)}' is a wildcard, which is not allowed here`)
    }
    if (label === '')
      return fault(`'${printable(text)}' has an empty label: two dots in a row, or a dot in front`)
    if (label.length > 63)
      return fault(`the label '${printable(label.slice(0, 20))}...' is longer than 63 characters (RFC 1035)`)
    if (!LABEL.test(label))
      return fault(
        `'${printable(label)}' is not a DNS label: letters, digits, '-' and '_' only, and no '-' at either end`,
      )
  }
  return { kind: 'name', name: ascii }
}

/** True when `name` is `zone` itself or lies below it. Both canonical. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}

/** The name and all above it, the nearest first. */
export function namesUpFrom(name: string): string[] {
  const labels = name.split('.')
  return labels.map((_, index) => labels.slice(index).join('.'))
}

/** The absolute name of a record written relative to its zone; '@' is the apex. */
export function absoluteName(relative: string, zone: string): string {
  return relative === '@' ? zone : `${relative}.${zone}`
}

function toAscii(text: string): string | null {
  const lower = text.toLowerCase()
  if (ASCII.test(lower) && !lower.includes('xn--')) return lower
  return toASCII(text, { checkBidi: true, checkJoiners: true, checkHyphens: false, verifyDNSLength: false })
}

/** Shortens text for an error message, without what moves, breaks or hides what stands beside it (UAX 9, UAX 14). */
function printable(text: string): string {
  const clean = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
  return clean.length > 80 ? `${clean.slice(0, 77)}...` : clean
}

function fault(message: string): ParsedName {
  return { kind: 'fault', message }
}
