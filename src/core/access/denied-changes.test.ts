import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyChanges, configurationOf } from '../model/configuration.ts'
import { KINDS, type Change } from '../model/resource.ts'
import { matchesGlob } from '../model/glob.ts'
import { ROLES, scopeSchema, type Access } from './access.ts'
import { deniedChanges } from './denied-changes.ts'

const deletionOf = (kind: Change['kind'], key: string): Change => ({ op: 'delete', kind, key })
const balancer = (name: string, zone: string) =>
  ({ kind: 'loadBalancer', key: name, spec: { name, zone } }) as never
const BEFORE = configurationOf([balancer('www.a.test', 'a.test'), balancer('www.b.test', 'b.test')])

function denied(access: Access, ...changes: Change[]): string[] {
  return deniedChanges(access, changes, BEFORE)
}

const scoped = (role: 'operator' | 'editor'): Access => ({
  role,
  scope: { zones: ['a.test'], pools: ['web', 'api-*'] },
})

describe('roles', () => {
  it('a viewer changes nothing, an operator what is of the moment, an editor the configuration', () => {
    const allowed = (role: Access['role']) =>
      KINDS.filter(
        (kind) => denied({ role }, deletionOf(kind, kind === 'drain' ? 'pool/x' : 'x')).length === 0,
      )
    expect(allowed('viewer')).toEqual([])
    expect(allowed('operator')).toEqual(['override', 'drain', 'latch', 'budgetRelease'])
    expect(allowed('admin')).toEqual(KINDS)
  })

  it('each may do all that the one before it may', () => {
    const kind = fc.constantFrom(...KINDS)
    fc.assert(
      fc.property(kind, fc.nat(2), (one, index) => {
        const change = deletionOf(one, 'pool/x')
        const [lower, higher] = [ROLES[index]!, ROLES[index + 1]!]
        if (denied({ role: lower }, change).length === 0) expect(denied({ role: higher }, change)).toEqual([])
      }),
    )
  })

  it('says who may, for each change', () => {
    expect(denied({ role: 'operator' }, deletionOf('zone', 'a.test'), deletionOf('drain', 'pool/x'))).toEqual(
      ["zone 'a.test' may be changed by the role editor and above, not by operator"],
    )
  })
})

describe('a scope', () => {
  it.each([
    [true, deletionOf('zone', 'a.test')],
    [false, deletionOf('zone', 'b.test')],
    [true, deletionOf('loadBalancer', 'www.a.test')],
    [false, deletionOf('loadBalancer', 'www.b.test')],
    [true, deletionOf('pool', 'web')],
    [false, deletionOf('pool', 'webs')],
    [true, deletionOf('endpoint', 'api-1/x')],
    [false, deletionOf('endpoint', 'db/api-1')],
    [true, deletionOf('override', 'web/x')],
    [false, deletionOf('override', 'db/x')],
    [true, deletionOf('drain', 'endpoint/web/x')],
    [true, deletionOf('drain', 'pool/web')],
    [false, deletionOf('drain', 'site/web')],
    [false, deletionOf('site', 'web')],
    [false, deletionOf('settings', 'settings')],
    [false, deletionOf('tsigKey', 'web')],
    [false, deletionOf('budgetRelease', '*')],
    [true, deletionOf('latch', 'www.a.test')],
    [true, deletionOf('protection', 'zone/a.test')],
    [true, deletionOf('protection', 'pool/api-1')],
    [false, deletionOf('protection', 'load-balancer/www.b.test')],
    [false, deletionOf('protection', 'site/web')],
    [false, deletionOf('rule', 'web')],
  ])('%s: %o', (isAllowed, change) => {
    expect(denied(scoped('editor'), change).length === 0).toBe(isAllowed)
  })

  it('is not left through pools inside a pool', () => {
    const pool = (name: string, pools: readonly string[] = []): Change =>
      ({ op: 'put', kind: 'pool', key: name, spec: { name, pools } }) as never
    const before = applyChanges(BEFORE, [pool('api-1', ['db']), pool('web', ['api-1']), pool('db')])
    const isAllowed = (...changes: Change[]) => deniedChanges(scoped('editor'), changes, before).length === 0
    expect(isAllowed(pool('api-2', ['web']))).toBe(true)
    expect(isAllowed(pool('api-2', ['db']))).toBe(false)
    // What somebody else put in there may stay.
    expect(isAllowed(pool('api-1', ['db', 'web']))).toBe(true)
    expect(isAllowed(deletionOf('drain', 'pool/api-2'))).toBe(true)
    for (const name of ['api-1', 'web']) {
      const drain = { op: 'put', kind: 'drain', key: `pool/${name}`, spec: {} } as never
      expect(isAllowed(drain)).toBe(false)
    }
  })

  it('takes no names from a zone outside of it', () => {
    const zone = (name: string): Change => ({ op: 'put', kind: 'zone', key: name, spec: { name } }) as never
    const before = applyChanges(BEFORE, [zone('c.test'), zone('known.c.test')])
    const access: Access = { role: 'editor', scope: { zones: ['*.c.test'], pools: [] } }
    const isAllowed = (change: Change) => deniedChanges(access, [change], before).length === 0
    expect(isAllowed(zone('known.c.test'))).toBe(true)
    expect(isAllowed(zone('x.known.c.test'))).toBe(true)
    expect(isAllowed(zone('new.c.test'))).toBe(false)
    expect(isAllowed(deletionOf('zone', 'known.c.test'))).toBe(false)
  })

  it('holds for where a load balancer comes from, and where it goes', () => {
    const moved = (name: string, zone: string): Change =>
      ({ op: 'put', ...(balancer(name, zone) as object) }) as never
    expect(denied(scoped('editor'), moved('www.a.test', 'b.test'))).toHaveLength(1)
    expect(denied(scoped('editor'), moved('www.b.test', 'a.test'))).toHaveLength(1)
    expect(denied(scoped('editor'), moved('www.a.test', 'a.test'))).toEqual([])
  })

  it('that allows nothing is refused as such', () => {
    expect(scopeSchema.safeParse({}).success).toBe(false)
    expect(scopeSchema.safeParse({ zones: ['A.test'] }).success).toBe(false)
    expect(scopeSchema.safeParse({ zones: ['*.a.test'] }).success).toBe(true)
  })
})

it('a glob means what the regular expression for it means', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 6 })
  fc.assert(
    fc.property(pattern, text, (glob, name) => {
      const expression = glob
        .split('*')
        .map((piece) => piece.replaceAll('.', '\\.'))
        .join('.*')
      expect(matchesGlob(glob, name)).toBe(new RegExp(`^${expression}$`).test(name))
    }),
    { numRuns: 2_000 },
  )
})
