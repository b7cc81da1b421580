/**
 * What somebody may change: a role, and a scope within it. Reading is for everybody who has a token; secrets are never shown.
 * What must stay true: each role may do all that the one before it may; a scope only ever takes away.
 */
import { z } from 'zod'
import { globSchema } from '../model/glob.ts'

/** From the least to the most. */
export const ROLES = ['viewer', 'operator', 'editor', 'admin'] as const
export type Role = (typeof ROLES)[number]

const globs = (of: string) =>
  z
    .array(globSchema)
    .max(100)
    .default([])
    .describe(`${of} by name; * stands for any characters. None if absent`)

export const scopeSchema = z
  .strictObject({
    zones: globs('Zones, with their load balancers,'),
    pools: globs('Pools, with their endpoints,'),
  })
  .refine(({ zones, pools }) => zones.length + pools.length > 0, {
    error:
      'a scope without a zone and without a pool allows nothing: leave it out, or choose the role viewer',
  })
  .meta({
    id: 'Scope',
    description:
      'What may be changed, where a role is not for everything. What belongs to no zone and no pool may not.',
  })

export type Scope = z.output<typeof scopeSchema>

export const roleSchema = z
  .enum(ROLES)
  .describe(
    'viewer: reads; operator: and overrides, drains, failbacks, budget releases; editor: and configuration; admin: and tokens, rules, the audit log',
  )

/** Why that role has no scope; null: it may have one. */
export function scopeMisfit(role: Role): string | null {
  if (role === 'operator' || role === 'editor') return null
  const why = role === 'admin' ? 'an admin could take it off' : 'a viewer changes nothing'
  return `a scope is for an operator or an editor: ${why}`
}

export interface Access {
  readonly role: Role
  /** Absent: everything. */
  readonly scope?: Scope | undefined
}

export const FULL_ACCESS: Access = { role: 'admin' }

export function hasRole({ role }: Access, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed)
}
