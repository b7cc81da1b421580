/**
 * Who may log in by an identity provider, and as what: which provider is believed, which of its claims say name and groups, and what
 * each group may do. A file of the control (`oidcFile`).
 * What must stay true: the provider is reached by TLS, or is on this machine; a group gives what a token could be made for, no more.
 */
import { z } from 'zod'
import { TIME_SPAN, timeSpanMs } from '../model/time-span.ts'
import { roleSchema, scopeSchema, scopeMisfit } from './access.ts'
import { isTrustworthy } from './is-trustworthy.ts'

const MAX_GLOBS = 100
const MAX_LIFE_MS = 7 * 86_400_000

const HOST = '(https?)://(\\[[0-9a-f:.]+\\]|[a-z0-9._-]+)(?::\\d{1,5})?'
const ISSUER = new RegExp(`^${HOST}(?:/[^\\s?#]*)?$`, 'i')
const ORIGIN = new RegExp(`^${HOST}/?$`, 'i')

/** OpenID Connect Discovery 1.0, 4.1. */
function issuerFault(text: string): string | null {
  if (!ISSUER.test(text))
    return "the provider's issuer is expected, a URL such as https://login.example.net/realms/main without user, query and fragment"
  return isTrustworthy(text) ? null : 'https:// is expected: http:// is for a provider on this machine only'
}

const claim = z
  .string()
  .min(1, { error: "a claim's name is expected, or a pointer such as /realm_access/roles" })
  .max(200)

const mappingSchema = z
  .strictObject({
    group: z.string().min(1, { error: 'the name of a group is expected' }).max(500),
    role: roleSchema,
    scope: scopeSchema.optional(),
  })
  .check(({ value, issues }) => {
    const message = value.scope === undefined ? null : scopeMisfit(value.role)
    if (message !== null)
      issues.push({ code: 'custom', path: ['scope'], message, input: value.scope, continue: true })
  })

export const loginRulesSchema = z
  .strictObject({
    issuer: z.string().superRefine((text, context) => {
      const message = issuerFault(text)
      if (message !== null) context.addIssue({ code: 'custom', message })
    }),
    clientId: z
      .string()
      .regex(/^[\x21-\x7e]{1,500}$/, { error: "Fairlead's client id at the provider is expected" }),
    requestScopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/, { error: 'a scope of OAuth is expected' }))
      .min(1)
      .max(20)
      .refine((scopes) => scopes.includes('openid'), { error: "'openid' has to be among them" })
      .default(['openid', 'email']),
    addresses: z
      .array(
        z.string().regex(ORIGIN, {
          error: "an address of a control's API is expected, such as https://control-1.example.net:5380",
        }),
      )
      .max(100)
      .default([]),
    deviceWithoutNonce: z.boolean().default(false),
    groupsClaim: claim.default('groups'),
    nameClaim: claim.optional(),
    tokenLife: z
      .string()
      .regex(TIME_SPAN, { error: 'a time span such as 30m, 8h or 1d is expected' })
      .refine((text) => timeSpanMs(text) >= 60_000 && timeSpanMs(text) <= MAX_LIFE_MS, {
        error: 'between 1m and 7d is expected: a token outlives what the provider says of its owner',
      })
      .default('8h'),
    mappings: z
      .array(mappingSchema)
      .min(1, { error: 'at least one group is expected: nobody could log in' })
      .max(1_000),
  })
  .check(({ value, issues }) => {
    for (const role of ['operator', 'editor'] as const) {
      const scopes = value.mappings.flatMap((one) => (one.role === role && one.scope ? [one.scope] : []))
      for (const key of ['zones', 'pools'] as const) {
        const count = new Set(scopes.flatMap((scope) => scope[key])).size
        if (count <= MAX_GLOBS) continue
        const message = `${count} ${key} in the scopes of the role ${role}: somebody in all of its groups would have them all, and a scope has at most ${MAX_GLOBS}`
        issues.push({ code: 'custom', path: ['mappings'], message, input: count, continue: true })
      }
    }
  })

export type LoginRules = z.output<typeof loginRulesSchema>
