/** A client map: named sets of prefixes, by which rules of a policy know clients. The longest match decides. */
import { z } from 'zod'
import { parsePrefix } from '../net/prefix.ts'
import { canonicalString, identifier } from './scalars.ts'

export const prefix = canonicalString((text) => {
  const parsed = parsePrefix(text)
  return parsed.kind === 'fault' ? parsed : { kind: 'name', name: parsed.prefix.text }
}).describe('An IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32')

export const clientMapSchema = z
  .strictObject({
    name: identifier,
    entries: z
      .array(
        z.strictObject({
          name: identifier.describe('How rules name this set of clients'),
          prefixes: z.array(prefix).min(1).max(100_000).describe('The clients of this entry'),
        }),
      )
      .min(1)
      .max(10_000)
      .describe('The sets. A client belongs to the entry with the longest prefix that holds its address.'),
  })
  .check(({ value, issues }) => {
    const report = (path: PropertyKey[], message: string) =>
      issues.push({ code: 'custom', path, message, input: null, continue: true })
    const names = new Map<string, number>()
    const owners = new Map<string, string>()
    for (const [index, { name, prefixes }] of value.entries.entries()) {
      const first = names.get(name)
      if (first === undefined) names.set(name, index)
      else report(['entries', index, 'name'], `a second entry '${name}': the first is /entries/${first}`)
      for (const [position, text] of prefixes.entries()) {
        const owner = owners.get(text)
        if (owner === undefined) owners.set(text, name)
        else
          report(
            ['entries', index, 'prefixes', position],
            `'${text}' stands in the entry '${owner}' already: a prefix belongs to one entry`,
          )
      }
    }
  })
  .meta({ id: 'ClientMap', description: 'Named sets of prefixes, by which rules of a policy know clients.' })

export type ClientMap = z.output<typeof clientMapSchema>
