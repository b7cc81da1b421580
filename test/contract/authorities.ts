/** The contract of the authorities in every store, whatever it stands on (src/core/trust/SPEC.md). */
import { describe, expect, it } from 'vitest'
import type { CertificateHolder } from '../../src/core/trust/living-holders.ts'
import type { AuthorityStep, NextAuthority } from '../../src/ports/authority-store.ts'
import type { Store } from '../../src/ports/store.ts'
import { storesAt, type StorePlace } from './store-places.ts'

const NOW_MS = 1_764_000_000_000
const DAY_MS = 86_400_000
const BY = { name: 'ann', from: '192.0.2.1' }
const IDENTITY = 'fairlead://checker/ams/ams-1'
const NEXT: NextAuthority = {
  ...{ fingerprint: 'b', certificate: 'cert-b', sealedKey: 'key-b', createdAtMs: NOW_MS, beside: 'cert-a' },
  endorsements: [
    { of: 'b', by: 'a', signature: 'a-of-b' },
    { of: 'a', by: 'b', signature: 'b-of-a' },
  ],
}

function step(fingerprint: string, force: string | null = null): AuthorityStep {
  return { fingerprint, certificate: `cert-${fingerprint}`, unsaid: 'a', atMs: NOW_MS + 1, force }
}

function holder(serial: string, change: Partial<CertificateHolder> = {}): CertificateHolder {
  return {
    ...{ serial, identity: IDENTITY, authority: 'a', believes: ['a'], issuedAtMs: NOW_MS },
    ...{ notAfterMs: NOW_MS + DAY_MS, seenAtMs: NOW_MS, ...change },
  }
}

async function begun({ trust, authorities }: Store): Promise<void> {
  await trust.addAuthority({ certificate: 'cert-a', sealedKey: 'key-a', createdAtMs: 1 }, BY)
  expect(await authorities.begin(NEXT, BY)).toBe('done')
}

async function states({ authorities }: Store): Promise<string[]> {
  return (await authorities.book()).authorities.map(({ state, sealedKey }) => `${state} ${sealedKey}`)
}

async function actions({ audit }: Store): Promise<string[]> {
  const entries = await audit.read({ limit: 50 })
  return entries
    .map(({ action, detail }) => `${action} ${detail}`)
    .filter((one) => one.startsWith('authority'))
}

export function describeAuthorities(name: string, make: () => Promise<StorePlace>): void {
  describe(`${name}: the contract of the authorities`, () => {
    const open = storesAt(make)

    it('one takes the place of another in steps, each with its entry, each with a higher version', async () => {
      const store = await open()
      const { authorities } = store
      expect(await authorities.book()).toEqual({ version: 0, authorities: [], endorsements: [] })
      await begun(store)
      expect(await states(store)).toEqual(['current key-a', 'next key-b'])
      expect(await authorities.begin({ ...NEXT, sealedKey: 'key-c' }, BY)).toBe('under-way')
      const versions = [(await authorities.book()).version]
      expect(await authorities.retire(step('b'), BY)).toEqual({ kind: 'absent' })
      expect(await authorities.promote(step('b'), BY)).toEqual({ kind: 'done' })
      expect(await authorities.promote(step('b'), BY)).toEqual({ kind: 'absent' })
      expect(await states(store)).toEqual(['current key-b', 'retiring key-a'])
      // Older programs read the current one so.
      expect((await store.trust.authority())?.sealedKey).toBe('key-b')
      versions.push((await authorities.book()).version)
      expect(await authorities.retire(step('a'), BY)).toEqual({ kind: 'done' })
      const book = await authorities.book()
      expect(await states(store)).toEqual(['current key-b'])
      expect(book.endorsements).toEqual([{ of: 'b', by: 'a', signature: 'a-of-b' }])
      versions.push(book.version)
      // The clock of the last two was the same.
      expect(versions).toEqual([NOW_MS, NOW_MS + 1, NOW_MS + 2])
      expect((await actions(store)).sort()).toEqual([
        'authority make of the cluster',
        ...['authority promote b', 'authority retire a', 'authority rotate next b'],
      ])
    })

    it('the next one can be dropped, and another one made', async () => {
      const store = await open()
      await begun(store)
      expect(await store.authorities.abandon(step('b'), BY)).toEqual({ kind: 'done' })
      expect(await states(store)).toEqual(['current key-a'])
      const again = { ...NEXT, sealedKey: 'key-c' }
      expect(await store.authorities.begin({ ...again, beside: 'cert-z' }, BY)).toBe('under-way')
      expect(await store.authorities.begin(again, BY)).toBe('done')
    })

    it('one of many who begin at once does, and one of many who promote', async () => {
      const stores = [await open(), await open()]
      const [store] = stores
      await store!.trust.addAuthority({ certificate: 'cert-a', sealedKey: 'key-a', createdAtMs: 1 }, BY)
      const each = Array.from({ length: 6 }, (_, index) => [stores[index % 2]!, index] as const)
      const began = await Promise.all(
        each.map(([{ authorities }, index]) => authorities.begin({ ...NEXT, sealedKey: `key-${index}` }, BY)),
      )
      expect(began.filter((outcome) => outcome === 'done')).toHaveLength(1)
      const promoted = await Promise.all(each.map(([{ authorities }]) => authorities.promote(step('b'), BY)))
      expect(promoted.filter(({ kind }) => kind === 'done')).toHaveLength(1)
      expect(await actions(store!)).toHaveLength(3)
    })

    it('waits for those who do not have the next one, then for those with a certificate of the one before', async () => {
      const store = await open()
      const { trust, authorities } = store
      await begun(store)
      // Of an older program: nothing is said of it.
      const given = { serial: '01', identity: IDENTITY, issuedAtMs: NOW_MS, notAfterMs: NOW_MS + DAY_MS }
      await trust.record({ ...given, revokedAtMs: null }, { instead: null, by: BY })
      const waiting = { kind: 'waiting', identities: [IDENTITY] }
      expect(await authorities.promote(step('b'), BY)).toEqual(waiting)
      await authorities.note(holder('01', { believes: ['a', 'b'] }))
      // By hand, not by the authority of the store.
      await authorities.note(holder('0F', { identity: 'fairlead://control/c9' }))
      expect(await authorities.promote(step('b'), BY)).toEqual({
        ...waiting,
        identities: ['fairlead://control/c9'],
      })
      await trust.revoke({ by: { serial: '0F' }, atMs: NOW_MS, untilMs: NOW_MS + DAY_MS }, BY)
      expect(await authorities.promote(step('b'), BY)).toEqual({ kind: 'done' })

      expect(await authorities.retire(step('a'), BY)).toEqual(waiting)
      const renewed = { ...given, serial: '02', issuedAtMs: NOW_MS + 1, revokedAtMs: null }
      const terms = { authority: 'b', believes: ['b', 'a'] }
      await trust.record(renewed, { instead: '01', by: BY, terms })
      // It may have been killed before it had that.
      expect(await authorities.retire(step('a'), BY)).toEqual(waiting)
      await authorities.note(holder('02', { ...terms, issuedAtMs: NOW_MS + 1 }))
      const holders = await authorities.holders({ unsaid: 'a', atMs: NOW_MS + 1 })
      expect(holders.map(({ serial, authority }) => `${serial} ${authority}`)).toEqual(['02 b'])
      expect(await authorities.retire(step('a'), BY)).toEqual({ kind: 'done' })
    })

    it('can be forced, which leaves the reason and the names in the audit log', async () => {
      const store = await open()
      await begun(store)
      await store.authorities.note(holder('01'))
      expect(await store.authorities.promote(step('b', 'it leaked'), BY)).toEqual({ kind: 'done' })
      expect(await store.authorities.retire(step('a', 'it leaked'), BY)).toEqual({ kind: 'done' })
      expect(await actions(store)).toContain(`authority retire a, by force (it leaked), without ${IDENTITY}`)
    })

    it('a promotion ends the tokens that nobody has used: they name the one before', async () => {
      const store = await open()
      await begun(store)
      const names = { identity: IDENTITY, names: [], createdAtMs: NOW_MS, expiresAtMs: NOW_MS + DAY_MS }
      await store.trust.addJoinToken({ id: 'x', hash: 'hash-x', ...names }, BY)
      await store.authorities.promote(step('b'), BY)
      expect((await store.trust.joinToken('hash-x'))?.expiresAtMs).toBe(NOW_MS + 1)
    })

    it('what was seen of a certificate is what was seen last, and forgotten long after its end', async () => {
      const { authorities } = await open()
      await authorities.note(holder('01'))
      await authorities.note(holder('01', { believes: ['a', 'b'], seenAtMs: NOW_MS + 1 }))
      const at = { unsaid: 'a', atMs: NOW_MS }
      expect(await authorities.holders(at)).toEqual([
        holder('01', { believes: ['a', 'b'], seenAtMs: NOW_MS + 1 }),
      ])
      expect(await authorities.holders({ ...at, atMs: NOW_MS + 2 * DAY_MS })).toEqual([])
      const later = NOW_MS + 100 * DAY_MS
      await authorities.note(holder('02', { issuedAtMs: later, notAfterMs: later + DAY_MS }))
      expect((await authorities.holders(at)).map(({ serial }) => serial)).toEqual(['02'])
    })
  })
}
