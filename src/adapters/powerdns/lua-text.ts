/**
 * The only Lua that Fairlead writes into PowerDNS. PowerDNS runs a LUA record's text as code, so nothing that a person wrote
 * may reach it as text.
 * What must stay true: the text holds only this module's own words, integers, and addresses that were parsed again here and
 * are written from their parsed form; anything else is thrown, never escaped.
 */
import { parseAddress } from '../../core/net/address.ts'
import type { RefusedRecordSet, SteeredRecordSet } from '../../core/dns/record-set.ts'
import type { Leaf, WeightedChoice } from '../../core/steering/selector.ts'

/** Weights are added up where endpoints share an address; the sum still has to be an exact integer in Lua's doubles. */
const MAX_WEIGHT = 2 ** 48

/** Content of a LUA row that answers each query with one address, in proportion to the weights. Throws on hostile input. */
export function steeredLua({ type: given, selector }: SteeredRecordSet): string {
  const type = addressType(given)
  const leaf = selector.kind === 'by-client' ? selector.otherwise : selector
  const choices = choicesOf(leaf).map(
    ({ value, weight }) => `{${integer(weight)},'${canonical(value, type)}'}`,
  )
  if (choices.length === 0) throw new TypeError('a weighted record set without choices')
  const list = `{${choices.join(',')}}`
  const answers = 'answers' in leaf ? leaf.answers : 1
  if (answers === 1) return `${type} "pickwrandom(${list})"`
  // One after the other, each taken out of what the next is picked from: the values are distinct.
  const pick =
    'local p=pickwrandom(v) r[i]=p for k,c in ipairs(v) do if c[2]==p then table.remove(v,k) break end end'
  return `${type} ";local v=${list} local r={} for i=1,${integer(answers)} do ${pick} end return r"`
}

/**
 * Content of a LUA row that answers with SERVFAIL: the script raises an error. PowerDNS 4.7 cannot answer REFUSED for one
 * name and type; to a resolver both mean "ask another server, or serve what you still hold" (RFC 8767 4).
 */
export function refusedLua(set: RefusedRecordSet): string {
  return `${addressType(set.type)} ";error('refused')"`
}

/** One of them for each query, whatever the client: what other methods say is not rendered yet. */
function choicesOf(leaf: Leaf): readonly WeightedChoice[] {
  switch (leaf.kind) {
    case 'weighted':
    case 'sticky':
      return leaf.choices
    case 'nearest':
      return leaf.choices.map(({ value }) => ({ value, weight: 1 }))
    case 'values':
      return leaf.values.map((value) => ({ value, weight: 1 }))
    case 'refuse':
    case 'empty':
      return []
  }
}

function addressType(type: unknown): 'A' | 'AAAA' {
  if (type === 'A' || type === 'AAAA') return type
  throw new TypeError('a LUA record is written for A and AAAA only')
}

function integer(weight: unknown): string {
  if (typeof weight === 'number' && Number.isSafeInteger(weight) && weight > 0 && weight <= MAX_WEIGHT)
    return weight.toFixed(0)
  throw new TypeError('a weight is an integer above 0')
}

function canonical(address: unknown, type: 'A' | 'AAAA'): string {
  const parsed = typeof address === 'string' ? parseAddress(address) : null
  if (parsed?.kind !== 'address' || parsed.address.family !== (type === 'A' ? 4 : 6))
    throw new TypeError(`an address for ${type} is expected in a weighted record set`)
  // parseAddress gives these characters only; this is the last line of defence, beside the code that it defends.
  if (!/^[0-9a-f.:]+$/.test(parsed.address.text)) throw new TypeError('an address with foreign characters')
  return parsed.address.text
}
