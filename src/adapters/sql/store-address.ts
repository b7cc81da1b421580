/** Where a store is, as an operator names it. */
import { resolve } from 'node:path'
import { parsePostgresAddress, POSTGRES_URL, type PostgresAddress } from './postgres/postgres-address.ts'

export type StoreAddress =
  | { readonly kind: 'sqlite'; /** Absolute. */ readonly path: string }
  | { readonly kind: 'postgres'; readonly address: PostgresAddress }

export type ParsedStoreAddress =
  | { readonly kind: 'store'; readonly address: StoreAddress }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

/** `password`: for a URL that has none. */
export function parseStoreAddress(
  text: string,
  {
    workingDirectory,
    password,
  }: { readonly workingDirectory: string; readonly password?: string | undefined },
): ParsedStoreAddress {
  if (!POSTGRES_URL.test(text)) {
    // A path with a scheme is a mistyped URL, and a file of that name is nobody's wish.
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
      return { kind: 'faults', faults: ["a path, or a URL that begins with 'postgres://', is expected"] }
    return { kind: 'store', address: { kind: 'sqlite', path: resolve(workingDirectory, text) } }
  }
  const parsed = parsePostgresAddress(text, password)
  if (parsed.kind === 'faults') return parsed
  return { kind: 'store', address: { kind: 'postgres', address: parsed.address } }
}

/** For people and logs: without a password. */
export function placeOfStore(address: StoreAddress): string {
  return address.kind === 'sqlite' ? address.path : address.address.place
}
