import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rendezvous } from '../rendezvous.ts'
import { DEFAULT_VOTERS, votersOf } from './voters.ts'

const anySites = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), { minLength: 1, maxLength: 12 })
const anyKey = fc.string({ minLength: 1, maxLength: 20 })

describe('votersOf', () => {
  it('B30 all sites up to five, five of more, in an order that only names decide', () => {
    fc.assert(
      fc.property(anySites, anyKey, (sites, key) => {
        const voters = votersOf(key, sites)
        expect(voters).toHaveLength(Math.min(DEFAULT_VOTERS, sites.length))
        expect(new Set(voters).size).toBe(voters.length)
        expect(votersOf(key, [...sites].reverse())).toEqual(voters)
      }),
    )
  })

  it('B31 a site that goes changes only the endpoints that it voted on, and by one voter', () => {
    fc.assert(
      fc.property(anySites, anyKey, fc.nat(11), (sites, key, index) => {
        fc.pre(sites.length > DEFAULT_VOTERS + 1)
        const gone = sites[index % sites.length]!
        const before = votersOf(key, sites)
        const after = votersOf(
          key,
          sites.filter((site) => site !== gone),
        )
        const kept = before.filter((site) => after.includes(site))
        expect(kept.length).toBe(before.includes(gone) ? DEFAULT_VOTERS - 1 : DEFAULT_VOTERS)
      }),
    )
  })

  it('B32 the sites share the endpoints evenly', () => {
    const sites = Array.from({ length: 10 }, (_, index) => `site-${index}`)
    const share = new Map<string, number>()
    for (let index = 0; index < 4_000; index += 1)
      for (const site of votersOf(`pool/endpoint-${index}`, sites))
        share.set(site, (share.get(site) ?? 0) + 1)
    for (const site of sites) {
      expect(share.get(site)).toBeGreaterThan(1_850)
      expect(share.get(site)).toBeLessThan(2_150)
    }
    expect(rendezvous.hash('a', 'bc')).not.toBe(rendezvous.hash('ab', 'c'))
  })

  it('B34 a site that is gone gives its place to the next in order; where there is none it keeps it, silent', () => {
    fc.assert(
      fc.property(anySites, anyKey, fc.array(fc.boolean()), (sites, key, flags) => {
        const gone = new Set(sites.filter((_, index) => flags[index]))
        const voters = votersOf(key, sites, { voters: 3, isGone: (site) => gone.has(site) })
        expect(voters).toHaveLength(Math.min(3, sites.length))
        if (sites.length <= 3) expect(voters).toEqual([...sites].sort())
        else {
          const order = sites.toSorted((a, b) => rendezvous.hash(b, key) - rendezvous.hash(a, key))
          const present = order.filter((site) => !gone.has(site))
          expect(voters).toEqual([...present, ...order.filter((site) => gone.has(site))].slice(0, 3))
        }
      }),
    )
  })
})
