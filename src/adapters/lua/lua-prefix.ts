/** Prefixes in Lua programs. */
import { parsePrefix } from '../../core/net/prefix.ts'

/** Resolvers whose EDNS client subnet is believed. */
export type SubnetTrust = 'all' | readonly string[]

/** As a prefix is written: nothing of what an operator wrote. Throws on what validation should have refused. */
export function prefixText(text: string): string {
  const parsed = parsePrefix(text)
  if (parsed.kind === 'fault')
    throw new TypeError('a malformed prefix reached a Lua program: it is not written')
  return parsed.prefix.text
}
