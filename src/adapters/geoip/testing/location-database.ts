/**
 * Writes a small database of locations in the MaxMind DB format, version 2.0 (https://maxmind.github.io/MaxMind-DB/), in the
 * layout of GeoIP2 City with the ASN beside it: enough for PowerDNS and for our own reader, and nothing of anybody's data.
 */
import { parsePrefix } from '../../../core/net/prefix.ts'
import ipaddr from 'ipaddr.js'

export interface Place {
  readonly continent: string
  readonly country: string
  readonly asn?: number
  readonly latitude?: number
  readonly longitude?: number
}

/** A record of a node: the number of another node, the place of data, or nothing. */
type Branch = Tree | { readonly data: number } | null
interface Tree {
  readonly branches: [Branch, Branch]
}

type Value = string | number | readonly Value[] | { readonly [key: string]: Value } | Typed
/** A number of a type of its own. */
interface Typed {
  readonly type: 'double' | 'uint16' | 'uint32' | 'uint64'
  readonly number: number
}

/** Prefixes of both families to places; a longer prefix inside a shorter one comes after it. */
export function locationDatabase(places: Readonly<Record<string, Place>>): Uint8Array {
  const root: Tree = { branches: [null, null] }
  const data: number[] = []
  for (const [text, place] of Object.entries(places)) {
    const parsed = parsePrefix(text)
    if (parsed.kind === 'fault') throw new Error(parsed.message)
    const offset = data.length
    encode(cityOf(place), data)
    insert(root, bitsOf(parsed.prefix), { data: offset })
  }
  return assemble(root, data)
}

function cityOf({ continent, country, asn, latitude, longitude }: Place): Value {
  return {
    continent: { code: continent },
    country: { iso_code: country },
    ...(asn !== undefined && { autonomous_system_number: { type: 'uint32', number: asn } }),
    ...(latitude !== undefined &&
      longitude !== undefined && {
        location: {
          latitude: { type: 'double', number: latitude },
          longitude: { type: 'double', number: longitude },
          // PowerDNS gives no coordinates without it.
          accuracy_radius: { type: 'uint16', number: 10 },
        },
      }),
  }
}

/** IPv4 stands at ::/96, as the format wants it. */
function bitsOf({ text, length, family }: { text: string; length: number; family: 4 | 6 }): number[] {
  const bytes = ipaddr.parse(text.slice(0, text.indexOf('/'))).toByteArray()
  const bits = bytes.flatMap((byte) => Array.from({ length: 8 }, (_, bit) => (byte >> (7 - bit)) & 1))
  const zeros = family === 4 ? Array.from({ length: 96 }, () => 0) : []
  return [...zeros, ...bits.slice(0, length)]
}

function insert(root: Tree, bits: readonly number[], leaf: { readonly data: number }): void {
  let node = root
  for (const bit of bits.slice(0, -1)) {
    const next = node.branches[bit as 0 | 1]
    if (next !== null && 'branches' in next) node = next
    else {
      // What was said of the whole is still true of what is not said anew.
      const inner: Tree = { branches: [next, next] }
      node.branches[bit as 0 | 1] = inner
      node = inner
    }
  }
  node.branches[bits.at(-1) as 0 | 1] = leaf
}

function assemble(root: Tree, data: readonly number[]): Uint8Array {
  const nodes: Tree[] = []
  const numbers = new Map<Tree, number>()
  const visit = (node: Tree): void => {
    numbers.set(node, nodes.length)
    nodes.push(node)
    for (const branch of node.branches) if (branch !== null && 'branches' in branch) visit(branch)
  }
  visit(root)
  const count = nodes.length
  const tree = nodes.flatMap(({ branches }) =>
    branches.flatMap((branch) => {
      const record =
        branch === null ? count : 'branches' in branch ? (numbers.get(branch) ?? 0) : count + 16 + branch.data
      return [(record >> 24) & 0xff, (record >> 16) & 0xff, (record >> 8) & 0xff, record & 0xff]
    }),
  )
  const metadata: number[] = []
  encode(
    {
      binary_format_major_version: { type: 'uint16', number: 2 },
      binary_format_minor_version: { type: 'uint16', number: 0 },
      build_epoch: { type: 'uint64', number: 1_764_000_000 },
      database_type: 'GeoLite2-City',
      description: { en: 'made by a test' },
      ip_version: { type: 'uint16', number: 6 },
      languages: ['en'],
      node_count: { type: 'uint32', number: count },
      record_size: { type: 'uint16', number: 32 },
    },
    metadata,
  )
  const marker = [0xab, 0xcd, 0xef, ...Buffer.from('MaxMind.com')]
  return Uint8Array.from([...tree, ...Array.from({ length: 16 }, () => 0), ...data, ...marker, ...metadata])
}

const TYPES = { double: 3, uint16: 5, uint32: 6, uint64: 9 } as const

function encode(value: Value, out: number[]): void {
  if (typeof value === 'number') encode({ type: 'uint32', number: value }, out)
  else if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    control(2, bytes.length, out)
    out.push(...bytes)
  } else if (Array.isArray(value)) {
    control(11, value.length, out)
    for (const item of value as readonly Value[]) encode(item, out)
  } else if (isTyped(value)) encodeNumber(value, out)
  else {
    const entries = Object.entries(value as Readonly<Record<string, Value>>)
    control(7, entries.length, out)
    for (const [key, inner] of entries) {
      encode(key, out)
      encode(inner, out)
    }
  }
}

function isTyped(value: object): value is Typed {
  return 'type' in value && 'number' in value
}

function encodeNumber({ type, number }: Typed, out: number[]): void {
  const bytes = Buffer.alloc(8)
  if (type === 'double') bytes.writeDoubleBE(number)
  else bytes.writeBigUInt64BE(BigInt(number))
  const significant = type === 'double' ? bytes : bytes.subarray(bytes.findIndex((byte) => byte !== 0))
  const used = type !== 'double' && number === 0 ? Buffer.alloc(0) : significant
  control(TYPES[type], used.length, out)
  out.push(...used)
}

/** Types above 7 have a byte of their own; sizes stay below 285 here. */
function control(type: number, size: number, out: number[]): void {
  const bits = size < 29 ? size : 29
  out.push(((type > 7 ? 0 : type) << 5) | bits)
  if (type > 7) out.push(type - 7)
  if (bits === 29) out.push(size - 29)
}
