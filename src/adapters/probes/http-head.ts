/**
 * The lines of an HTTP/1 reply's head, and what they say about its body. Pure.
 * What must stay true: whatever two readers could take in two ways (RFC 9112, sections 5.1, 5.2, 6.1, 6.3) is refused with a
 * sentence, never guessed: a health check that accepts what clients reject reports an endpoint as better than it is.
 */
export interface Malformed {
  readonly kind: 'malformed'
  /** One sentence without control characters; depends on the bytes alone, not on how they were split. */
  readonly detail: string
}

/** Field names in lower case, each with its values in order. */
export type Headers = ReadonlyMap<string, readonly string[]>

export interface StatusLine {
  readonly kind: 'status-line'
  readonly minorVersion: number
  readonly status: number
}

export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' }

export const STATUS_LINE_START = 'HTTP/1.'

const STATUS_LINE = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: .*)?$/
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** A name, and a value without control characters, in one pass: a reply has a dozen such lines. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\x00-\x08\x0a-\x1f\x7f]*)$/
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
const CONTENT_LENGTH = /^\d{1,15}$/

export function malformed(detail: string): Malformed {
  return { kind: 'malformed', detail: `malformed reply: ${detail}` }
}

/** RFC 9112 section 4; the space before an absent reason is not insisted on, since clients do not. */
export function parseStatusLine(line: string): StatusLine | Malformed {
  const match = STATUS_LINE.exec(line)
  if (match === null || CONTROL.test(line)) return malformed('its first line is not an HTTP/1 status line')
  return { kind: 'status-line', minorVersion: Number(match[1]), status: Number(match[2]) }
}

/** RFC 9112 section 5. Folded lines and a space before the colon are refused. */
export function parseField(
  line: string,
): { readonly kind: 'field'; name: string; value: string } | Malformed {
  const match = FIELD.exec(line)
  if (match === null) return malformed(faultOfField(line))
  const [, name = '', value = ''] = match
  return { kind: 'field', name: name.toLowerCase(), value: trimmed(value) }
}

/** What FIELD did not find. */
function faultOfField(line: string): string {
  if (line.startsWith(' ') || line.startsWith('\t')) return 'a header line is folded'
  const colon = line.indexOf(':')
  if (colon < 0) return 'a header line has no colon'
  return TOKEN.test(line.slice(0, colon))
    ? 'a header value holds a control character'
    : 'a header name holds a character that is not allowed'
}

/** Without blanks and tabs at the ends; a regular expression would take quadratic time on many of them within. */
function trimmed(value: string): string {
  let from = 0
  let to = value.length
  while (from < to && isBlank(value.charCodeAt(from))) from += 1
  while (to > from && isBlank(value.charCodeAt(to - 1))) to -= 1
  return value.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** How the end of the body is found: RFC 9112 section 6.3, with every doubtful combination refused. */
export function framingOf(line: StatusLine, headers: Headers, isHead: boolean): BodyFraming | Malformed {
  if (isHead || line.status < 200 || line.status === 204 || line.status === 304) return { kind: 'none' }
  const codings = headers.get('transfer-encoding')
  const lengths = headers
    .get('content-length')
    ?.flatMap((value) => value.split(',').map((part) => part.trim()))
  if (codings !== undefined) {
    if (lengths !== undefined) return malformed('it has both Content-Length and Transfer-Encoding')
    if (line.minorVersion === 0) return malformed('it is HTTP/1.0 with Transfer-Encoding')
    if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked')
      return malformed('its Transfer-Encoding is not chunked')
    return { kind: 'chunked' }
  }
  const [length] = lengths ?? []
  if (lengths === undefined || length === undefined) return { kind: 'until-close' }
  if (!CONTENT_LENGTH.test(length)) return malformed('its Content-Length is not a number')
  if (lengths.some((other) => other !== length)) return malformed('it has several Content-Length values')
  return { kind: 'length', bytes: Number(length) }
}
