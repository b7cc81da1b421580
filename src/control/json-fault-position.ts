/**
 * Where a text stops being JSON (RFC 8259). V8's own message often shows the surroundings instead of the position, and a
 * person who wrote ten thousand lines needs the line.
 */

/** Index of the first token that cannot stand where it stands; the length of the text when it ends too early. */
export function jsonFaultPosition(text: string): number {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let at = 0
  for (;;) {
    at = afterSpace(text, at)
    const token = tokenAt(text, at)
    if (token === null || !ACCEPTS[expected].test(token)) return at
    if (token === '{' || token === '[') open.push(token)
    if (token === '}' || token === ']') {
      if (open.pop() !== (token === '}' ? '{' : '[')) return at
    }
    expected = next(token, { expected, inside: open.at(-1) })
    at += token.length
  }
}

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing'

const ACCEPTS: Readonly<Record<Expected, RegExp>> = {
  value: /^[[{"\-\dtfn]/,
  'value-or-end': /^[[{"\-\dtfn\]]/,
  key: /^"/,
  'key-or-end': /^["}]/,
  colon: /^:/,
  'comma-or-end': /^[,}\]]/,
  nothing: /^(?!)/,
}

function next(
  token: string,
  { expected, inside }: { readonly expected: Expected; readonly inside: '{' | '[' | undefined },
): Expected {
  if (token === '{') return 'key-or-end'
  if (token === '[') return 'value-or-end'
  if (token === ',') return inside === '{' ? 'key' : 'value'
  if (token === ':') return 'value'
  if (expected === 'key' || (expected === 'key-or-end' && token !== '}')) return 'colon'
  return inside === undefined ? 'nothing' : 'comma-or-end'
}

const TOKEN =
  // eslint-disable-next-line no-control-regex -- JSON forbids control characters inside strings
  /[[\]{},:]|true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y

function tokenAt(text: string, at: number): string | null {
  TOKEN.lastIndex = at
  return TOKEN.exec(text)?.[0] ?? null
}

function afterSpace(text: string, at: number): number {
  let end = at
  while (end < text.length && ' \t\n\r'.includes(text.charAt(end))) end += 1
  return end
}
