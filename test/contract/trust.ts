/** The contract of trust in every store, whatever it stands on. */
import { describe, expect, it } from 'vitest'
import type { StoredCertificate, StoredJoinToken } from '../../src/ports/trust-store.ts'
import { storesAt, type StorePlace } from './store-places.ts'

const NOW_MS = 1_764_000_000_000
const DAY_MS = 86_400_000
const BY = { name: 'ann', from: '192.0.2.1' }
const IDENTITY = 'fairlead://checker/ams/ams-1'

function token(id: string, change: Partial<StoredJoinToken> = {}): StoredJoinToken {
  return {
    ...{ id, hash: `hash-${id}`, identity: IDENTITY, names: ['a.example', '::1'] },
    ...{ createdAtMs: NOW_MS, expiresAtMs: NOW_MS + 60_000, ...change },
  }
}

function certificate(serial: string, change: Partial<StoredCertificate> = {}): StoredCertificate {
  return {
    ...{ serial, identity: IDENTITY, issuedAtMs: NOW_MS, notAfterMs: NOW_MS + DAY_MS },
    ...{ revokedAtMs: null, ...change },
  }
}

export function describeTrust(name: string, make: () => Promise<StorePlace>): void {
  describe(`${name}: the contract of trust`, () => {
    const opening = storesAt(make)
    const open = async () => (await opening()).trust

    it('has one authority, also where several make one at once', async () => {
      const all = await Promise.all([open(), open(), open()])
      expect(await all[0].authority()).toBeNull()
      const made = await Promise.all(
        all.map((trust, index) =>
          trust.addAuthority({ certificate: `c${index}`, sealedKey: `k${index}`, createdAtMs: index }, BY),
        ),
      )
      expect(made.filter(Boolean)).toHaveLength(1)
      const index = made.indexOf(true)
      for (const trust of all)
        expect(await trust.authority()).toEqual({
          ...{ certificate: `c${index}`, sealedKey: `k${index}`, createdAtMs: index },
        })
    })

    it('keeps a token until it is spent, by one key only', async () => {
      const { trust, audit } = await opening()
      await trust.addJoinToken(token('a'), BY)
      expect(await trust.joinToken('hash-a')).toEqual(token('a'))
      expect(await trust.joinToken('hash-b')).toBeNull()
      const redeem = (keyHash: string, serial: string, { hash = 'hash-a', issuedAtMs = NOW_MS } = {}) =>
        trust.redeem({ hash, keyHash, certificate: certificate(serial, { issuedAtMs }) }, BY)
      expect(await redeem('key', '01', { hash: 'hash-b' })).toBe('unknown')
      expect(await redeem('key', '01', { issuedAtMs: NOW_MS + 60_000 })).toBe('expired')
      expect(await trust.certificates()).toEqual([])
      expect(await redeem('key', '01')).toBe('issued')
      expect(await redeem('thief', '02')).toBe('used')
      // Whoever was cut off before it had its certificate comes again.
      expect(await redeem('key', '03')).toBe('issued')
      await trust.revoke({ by: { identity: IDENTITY }, atMs: NOW_MS, untilMs: NOW_MS }, BY)
      expect(await redeem('key', '04')).toBe('used')
      expect((await trust.certificates()).map(({ serial }) => serial)).toEqual(['01', '03'])
      // What was refused left nothing there either.
      const audited = (await audit.read({ limit: 20 })).map(({ action, actor }) => `${actor} ${action}`)
      expect(audited.sort()).toEqual([
        ...['ann certificate issue', 'ann certificate issue', 'ann certificate revoke'],
        'ann join token create',
      ])
    })

    it('lets one of many who come at once with a token have it', async () => {
      const [first, second] = await Promise.all([open(), open()])
      await first.addJoinToken(token('a'), BY)
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          (index % 2 === 0 ? first : second).redeem(
            { hash: 'hash-a', keyHash: `key-${index}`, certificate: certificate(`0${index}`) },
            BY,
          ),
        ),
      )
      expect(outcomes.filter((outcome) => outcome === 'issued')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'used')).toHaveLength(7)
      expect(await second.certificates()).toHaveLength(1)
    })

    it('revokes by serial and by identity, for all who look; what is revoked is not renewed', async () => {
      const [trust, other] = [await open(), await open()]
      for (const serial of ['01', '02'])
        expect(await trust.record(certificate(serial), { instead: null, by: BY })).toBe('issued')
      const elsewhere = certificate('03', { identity: 'fairlead://control/c1' })
      await trust.record(elsewhere, { instead: null, by: BY })
      const serialsSince = async (atMs: number) =>
        (await other.revokedSince(atMs)).map(({ serial }) => serial)
      const revoke = (by: { serial: string } | { identity: string }) =>
        trust.revoke({ by, atMs: NOW_MS + 1, untilMs: NOW_MS + 2 * DAY_MS }, BY)
      expect(await revoke({ serial: '02' })).toEqual({
        certificates: [certificate('02', { revokedAtMs: NOW_MS + 1 })],
        joinTokens: 0,
      })
      expect(await other.revokedSince(NOW_MS)).toEqual([
        { serial: '02', notAfterMs: certificate('02').notAfterMs },
      ])
      expect(await other.record(certificate('04'), { instead: '02', by: BY })).toBe('revoked')
      expect(await other.record(certificate('04'), { instead: '01', by: BY })).toBe('issued')
      expect((await revoke({ identity: IDENTITY })).certificates.map(({ serial }) => serial).sort()).toEqual([
        '01',
        '02',
        '04',
      ])
      expect(await revoke({ identity: 'fairlead://control/none' })).toEqual({
        ...{ certificates: [], joinTokens: 0 },
      })
      expect(await serialsSince(NOW_MS)).toEqual(['01', '02', '04'])
      expect(await trust.revoke({ by: { serial: 'EE' }, atMs: NOW_MS + 1, untilMs: null }, BY)).toEqual({
        certificates: [],
        joinTokens: 0,
      })
      // Made by somebody else's hand: the serial is all that is known of it.
      expect(await revoke({ serial: 'FF' })).toMatchObject({
        certificates: [{ serial: 'FF', identity: '' }],
      })
      expect(await serialsSince(NOW_MS + DAY_MS)).toEqual(['FF'])
      expect((await other.certificates()).find(({ serial }) => serial === '03')).toEqual(elsewhere)
    })

    it('ends tokens before their time: one by its id, and the open ones of an identity that is revoked', async () => {
      const { trust, audit } = await opening()
      const elsewhere = token('c', { identity: 'fairlead://control/c1' })
      for (const one of [token('a'), token('b'), elsewhere]) await trust.addJoinToken(one, BY)
      const redeem = (id: string) =>
        trust.redeem(
          { hash: `hash-${id}`, keyHash: id, certificate: certificate(`0${id}`, { issuedAtMs: NOW_MS + 2 }) },
          BY,
        )
      expect(await redeem('a')).toBe('issued')
      const revoked = await trust.revoke({ by: { identity: IDENTITY }, atMs: NOW_MS + 1, untilMs: null }, BY)
      expect(revoked).toMatchObject({ certificates: [{ serial: '0a' }], joinTokens: 1 })
      // Otherwise the thief of another token of it would have a new certificate.
      expect(await redeem('b')).toBe('expired')
      expect(await trust.endJoinToken({ id: 'none', atMs: NOW_MS + 1 }, BY)).toBe(false)
      const states = async () =>
        (await trust.joinTokens()).map(({ id, isSpent, expiresAtMs }) => [id, isSpent, expiresAtMs - NOW_MS])
      expect(await states()).toEqual([
        ['a', true, 60_000],
        ['b', false, 1],
        ['c', false, 60_000],
      ])
      for (let time = 0; time < 2; time += 1)
        expect(await trust.endJoinToken({ id: 'c', atMs: NOW_MS + 1 }, BY)).toBe(true)
      expect(await redeem('c')).toBe('expired')
      const audited = (await audit.read({ limit: 20 })).map(({ action, detail }) => `${action} ${detail}`)
      expect(audited.filter((text) => /revoke/.test(text)).sort()).toEqual([
        `certificate revoke ${IDENTITY} 0a, and 1 of its join tokens`,
        'join token revoke c for fairlead://control/c1',
      ])
    })

    it('forgets what expired long ago', async () => {
      const trust = await open()
      await trust.record(certificate('01'), { instead: null, by: BY })
      await trust.addJoinToken(token('a'), BY)
      const later = NOW_MS + 100 * DAY_MS
      await trust.addJoinToken(token('b', { createdAtMs: later, expiresAtMs: later + 1 }), BY)
      await trust.record(certificate('02', { issuedAtMs: later, notAfterMs: later + 1 }), {
        instead: null,
        by: BY,
      })
      expect((await trust.certificates()).map(({ serial }) => serial)).toEqual(['02'])
      expect(await trust.joinToken('hash-a')).toBeNull()
    })
  })
}
