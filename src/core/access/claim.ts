/** The claims of an ID token, and how one of them is named: as it is, or by a JSON pointer into another (`/realm_access/roles`). */
export type Claims = Readonly<Record<string, unknown>>

/** undefined: there is none. */
export function claimAt(claims: Claims, name: string): unknown {
  if (!name.startsWith('/')) return ownOf(claims, name)
  const parts = name.slice(1).split('/')
  return parts
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((inner, part) => ownOf(inner, part), claims)
}

function ownOf(of: unknown, key: string): unknown {
  if (typeof of !== 'object' || of === null || !Object.hasOwn(of, key)) return undefined
  return (of as Claims)[key]
}
