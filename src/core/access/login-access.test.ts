import { describe, expect, it } from 'vitest'
import { decideLoginAccess } from './login-access.ts'
import { loginName } from './login-name.ts'
import { isTrustworthy } from './is-trustworthy.ts'
import { loginRulesSchema } from './login-rules.ts'

const scope = (zones: readonly string[], pools: readonly string[] = []) => ({ zones, pools })
const rules = loginRulesSchema.parse({
  ...{ issuer: 'https://login.example.net/realms/main', clientId: 'fairlead' },
  mappings: [
    { group: 'admins', role: 'admin' },
    { group: 'shop', role: 'editor', scope: scope(['*.shop.test', 'shop.test']) },
    { group: 'mail', role: 'editor', scope: scope(['shop.test'], ['mail-*']) },
    { group: 'everywhere', role: 'editor' },
    { group: 'on-call', role: 'operator' },
    { group: 'on-call', role: 'viewer' },
  ],
})

describe('what groups allow', () => {
  const of = (...groups: readonly string[]) => decideLoginAccess({ groups }, rules)

  it('is the strongest role, of the groups that give it', () => {
    expect(of('on-call')).toEqual({ kind: 'granted', access: { role: 'operator' }, groups: ['on-call'] })
    expect(of('shop', 'on-call', 'admins')).toMatchObject({ access: { role: 'admin' }, groups: ['admins'] })
  })

  it('is within their scopes together, and everywhere where one of them is', () => {
    const editor = { role: 'editor', scope: scope(['*.shop.test', 'shop.test'], ['mail-*']) }
    expect(of('shop', 'mail')).toMatchObject({ access: editor, groups: ['shop', 'mail'] })
    expect(of('shop', 'everywhere')).toEqual({
      ...{ kind: 'granted', access: { role: 'editor' }, groups: ['shop', 'everywhere'] },
    })
  })

  it('is not widened by a weaker role', () => {
    expect(of('on-call', 'mail')).toMatchObject({
      access: { role: 'editor', scope: scope(['shop.test'], ['mail-*']) },
    })
  })

  it('is nothing without a group, whatever the claim holds instead', () => {
    for (const groups of [undefined, null, 5, {}, [], [5], ['Admins'], 'admins ', ['__proto__']])
      expect(decideLoginAccess({ groups }, rules).kind).toBe('denied')
    expect(decideLoginAccess({ groups: 'admins' }, rules).kind).toBe('granted')
  })

  it('comes from the claim that is named, inside another one too, and only from its own fields', () => {
    const at = (groupsClaim: string, claims: Record<string, unknown>) =>
      decideLoginAccess(claims, { ...rules, groupsClaim }).kind
    expect(at('/realm_access/roles', { realm_access: { roles: ['admins'] } })).toBe('granted')
    expect(at('https://example.net/groups', { 'https://example.net/groups': ['admins'] })).toBe('granted')
    expect(at('/a~1b', { 'a/b': ['admins'] })).toBe('granted')
    expect(at('/constructor/name', {})).toBe('denied')
  })

  it('is told apart: which groups there were, cut where they are many', () => {
    const many = Array.from({ length: 12 }, (_, index) => `g${index}`)
    expect(of(...many)).toMatchObject({
      reason: expect.stringMatching(/'g9' and 2 more: no mapping/) as string,
    })
    expect(of('a\u001b]\u0000\n')).toMatchObject({
      reason: expect.stringMatching(/'a\ufffd\]\ufffd\ufffd'/) as string,
    })
    expect(of('x'.repeat(500))).toMatchObject({ reason: expect.stringMatching(/^.{0,200}$/) as string })
  })
})

describe('the name of a login', () => {
  const verified = { sub: 'u-1', email: 'ann@example.test', email_verified: true }

  it('is the verified address, or the subject, never one in the place of the other', () => {
    expect(loginName(verified, undefined)).toEqual({
      ...{ kind: 'name', name: 'oidc:ann@example.test', subject: 'u-1' },
    })
    for (const isVerified of [false, undefined, 'true', 1])
      expect(loginName({ ...verified, email_verified: isVerified }, undefined)).toMatchObject({
        name: 'oidc:u-1',
      })
    expect(loginName({ sub: 'ann@example.test' }, undefined)).toMatchObject({
      name: 'oidc:ann%40example.test',
    })
    expect(loginName({ ...verified, email: 'u-2' }, undefined)).toMatchObject({ name: 'oidc:u-1' })
    expect(loginName(verified, 'email')).toMatchObject({ name: 'oidc:ann@example.test' })
    for (const nameClaim of ['email', '/email'])
      expect(loginName({ ...verified, email_verified: false }, nameClaim).kind).toBe('nameless')
    for (const nameClaim of ['upn', 'sub'])
      expect(
        loginName({ sub: 'a@b', upn: 'a@b', email: 'a@b', email_verified: true }, nameClaim),
      ).toMatchObject({ name: 'oidc:a%40b' })
  })

  it('is the claim that was chosen, or none', () => {
    const claims = { ...verified, preferred_username: 'ann' }
    expect(loginName(claims, 'preferred_username')).toMatchObject({ name: 'oidc:ann' })
    for (const nothing of [undefined, '', 5, ['ann']])
      expect(loginName({ ...claims, preferred_username: nothing }, 'preferred_username').kind).toBe(
        'nameless',
      )
  })

  it('is printable, and different where the texts are', () => {
    const names = ['a b', 'a%20b', 'a\u00a0b', 'ä', 'a\u0308', 'a\nb', 'a\u202eb'].map((sub) => {
      const named = loginName({ sub }, undefined)
      return named.kind === 'name' ? named.name : ''
    })
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^oidc:[\x21-\x7e]+$/)
    for (const sub of ['x'.repeat(256), 'a\ud800', '', undefined, 5, {}, ['a']])
      for (const nameClaim of [undefined, 'name'])
        expect([sub, loginName({ sub, name: 'ann' }, nameClaim).kind]).toEqual([sub, 'nameless'])
    expect(loginName({ sub: 'a\u001b\n', name: 'ann' }, 'name')).toMatchObject({ subject: 'a%1B%0A' })
    expect(loginName({ sub: 'a', name: 'x\udc00' }, 'name').kind).toBe('nameless')
    expect(loginName({ sub: 'a', name: 'x'.repeat(500) }, 'name').kind).toBe('nameless')
  })
})

it('a provider is reached by https, or is on this machine', () => {
  for (const url of [
    'https://x.test',
    'https://x.test:8443/a?b=c',
    'http://127.0.0.1:1/',
    'http://[::1]:1/keys',
    'HTTP://localhost',
  ])
    expect([url, isTrustworthy(url)]).toEqual([url, true])
  for (const url of [
    'http://x.test',
    'http://127.0.0.1.x.test/',
    'http://localhost@x.test/',
    'https://a@x.test',
    'file:///x',
    '',
  ])
    expect([url, isTrustworthy(url)]).toEqual([url, false])
})
