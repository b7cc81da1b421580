/** Names by pattern: `*` stands for any characters, none included. */
import { z } from 'zod'

export const globSchema = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[a-z0-9*._-]+$/, {
    error: 'a name in lower case is expected, in which * stands for any characters, such as *.example.com',
  })

/** In time that grows with the product of the lengths at most. */
export function matchesGlob(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === name
  const last = rest.pop() ?? ''
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false
  let from = first.length
  const end = name.length - last.length
  for (const piece of rest) {
    const at = name.indexOf(piece, from)
    if (at < 0 || at + piece.length > end) return false
    from = at + piece.length
  }
  return true
}
