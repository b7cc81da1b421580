/**
 * What the groups of somebody who logs in allow: the strongest role that one of them gives, within the scopes of that role together.
 * What must stay true: no group, nothing; a group counts by its whole name, with its case; a mapping of a weaker role adds nothing to
 * a stronger one, so that nobody holds a role for more than one mapping says.
 */
import { ROLES, type Access, type Scope } from './access.ts'
import { claimAt, type Claims } from './claim.ts'
import type { LoginRules } from './login-rules.ts'

export type LoginAccess =
  | { readonly kind: 'granted'; readonly access: Access; readonly groups: readonly string[] }
  | { readonly kind: 'denied'; readonly reason: string }

const MAX_NAMED = 10

export function decideLoginAccess(
  claims: Claims,
  { groupsClaim, mappings }: Pick<LoginRules, 'groupsClaim' | 'mappings'>,
): LoginAccess {
  const claim = claimAt(claims, groupsClaim)
  const groups = new Set([claim].flat().filter((one) => typeof one === 'string'))
  const fitting = mappings.filter(({ group }) => groups.has(group))
  const role = ROLES.findLast((one) => fitting.some((mapping) => mapping.role === one))
  if (role === undefined) return { kind: 'denied', reason: reasonOf(claims, groupsClaim, [...groups]) }
  const strongest = fitting.filter((mapping) => mapping.role === role)
  const scopes = strongest.flatMap(({ scope }) => scope ?? [])
  const scope = scopes.length === strongest.length ? together(scopes) : undefined
  return {
    kind: 'granted',
    access: { role, ...(scope && { scope }) },
    groups: strongest.map(({ group }) => group),
  }
}

function together(scopes: readonly Scope[]): Scope {
  return {
    zones: [...new Set(scopes.flatMap(({ zones }) => zones))],
    pools: [...new Set(scopes.flatMap(({ pools }) => pools))],
  }
}

function reasonOf(claims: Claims, name: string, groups: readonly string[]): string {
  if (groups.length > 0) {
    const more = groups.length > MAX_NAMED ? ` and ${groups.length - MAX_NAMED} more` : ''
    const named = groups.slice(0, MAX_NAMED).map((group) => `'${clipped(group)}'`)
    return `the claim '${name}' holds ${named.join(', ')}${more}: no mapping is for one of them`
  }
  // Entra ID leaves out what is too long for a token (OpenID Connect Core 1.0, 5.6.2).
  if (claimAt(claims, '_claim_names') !== undefined && claimAt(claims, `/_claim_names/${name}`) !== undefined)
    return `the provider left the claim '${name}' out of the ID token, as the groups are too many: let it send only those of this application`
  const found = claimAt(claims, name)
  if (found === undefined)
    return `the ID token has no claim '${name}': let the provider send it, or name another one as groupsClaim`
  return `the claim '${name}' holds no group`
}

/** For the audit log: short, and nothing in it that a terminal would obey. */
function clipped(text: string): string {
  const short = text.length > 100 ? `${text.slice(0, 99)}…` : text
  return short.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd')
}
