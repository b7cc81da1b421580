/** Certificates against tokens and against certificates, on a real store. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { authorities } from '../../adapters/authority/authorities.ts'
import { systemClock } from '../../adapters/clock/system-clock.ts'
import { CLOSED_VAULT, newEncryptionKey, vaultOf } from '../../adapters/dnssec/key-vault.ts'
import { openSqliteStore } from '../../adapters/sql/sqlite-store.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import type { Store } from '../../ports/store.ts'
import { renewOwnCertificate } from './own-certificate.ts'
import { AUTHORITY_PURPOSE, AuthorityService } from './authority-service.ts'
import { sealAnew } from './seal-anew.ts'
import { TrustService } from './trust-service.ts'

const vault = vaultOf(newEncryptionKey())
let folder: string
let store: Store
let revoked: readonly string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-trust-'))
  store = await openSqliteStore({ path: join(folder, 'store.db') })
  revoked = []
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const ANN = { name: 'ann', from: '192.0.2.1' }

function authorityService(by: KeyVault = vault): AuthorityService {
  return new AuthorityService({
    ...{ store: store.authorities, vault: by, authorities, clock: systemClock },
    onOffer: () => Promise.resolve(null),
  })
}

function serviceWith(by: KeyVault = vault): TrustService {
  return new TrustService({
    ...{
      ...{ store: store.trust, lifeMs: 3_600_000, clock: systemClock },
      authorities: authorityService(by),
    },
    onRevoked: (serials) => {
      revoked = serials
    },
  })
}

async function withAuthority(): Promise<TrustService> {
  const { certificate, key } = authorities.create(Date.now())
  const sealedKey = vault.seal(key, AUTHORITY_PURPOSE)
  await store.trust.addAuthority({ certificate, sealedKey, createdAtMs: 1 }, ANN)
  return serviceWith()
}

function publicKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ type: 'spki', format: 'der' })
    .toString('base64')
}

async function joined(trust: TrustService, role: 'checker' | 'control'): Promise<X509Certificate> {
  const about = { role, site: role === 'control' ? '' : 'ams', name: 'one', addresses: ['192.0.2.1'] }
  const created = await trust.createJoinToken({ ...about, expiresSec: 60 }, ANN)
  if ('kind' in created) throw new Error(created.reason)
  const outcome = await trust.join({ token: created.token, publicKey: publicKey() })
  if (outcome.kind !== 'issued') throw new Error(outcome.reason)
  return new X509Certificate(outcome.chain)
}

it('gives what the token was made for: names to controls alone', async () => {
  const trust = await withAuthority()
  expect((await joined(trust, 'checker')).subjectAltName).toBe('URI:fairlead://checker/ams/one')
  expect((await joined(trust, 'control')).subjectAltName).toBe(
    'URI:fairlead://control/one, IP Address:192.0.2.1, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  )
})

it('renews what it gave, with the same names, until that is revoked', async () => {
  const trust = await withAuthority()
  const first = await joined(trust, 'control')
  const identity = 'fairlead://control/one'
  const second = new X509Certificate(
    await renewOwnCertificate(trust, { current: first, identity, publicKey: publicKey(), believes: [] }),
  )
  expect(second.subjectAltName).toBe(first.subjectAltName)
  expect(
    (await trust.revoke({ which: second.serialNumber.toLowerCase(), unknown: false }, ANN)).certificates.map(
      ({ serial }) => serial,
    ),
  ).toEqual([second.serialNumber])
  expect(revoked).toEqual([second.serialNumber])
  const audited = (await store.audit.read({ limit: 10 })).map(({ actor, action }) => [actor, action])
  expect(audited.slice(1)).toEqual([
    ['ann', 'join token create'],
    [identity, 'certificate issue'],
    [identity, 'certificate issue'],
    ['ann', 'certificate revoke'],
  ])
  await expect(
    renewOwnCertificate(trust, { current: second, identity, publicKey: publicKey(), believes: [] }),
  ).rejects.toThrow('was revoked')
})

it('another control knows what was revoked once it has looked', async () => {
  const trust = await withAuthority()
  const { serialNumber } = await joined(trust, 'checker')
  const other = serviceWith()
  await trust.revoke({ which: 'fairlead://checker/ams/one', unknown: false }, ANN)
  expect(other.revokedSerials()).toEqual([])
  await other.refresh()
  expect(other.revokedSerials()).toEqual([serialNumber])
})

it('what another line of the key file sealed is sealed anew with the first, once, and the old line is needed no more', async () => {
  const [oldLine, newLine] = [newEncryptionKey(), newEncryptionKey()]
  const { certificate, key } = authorities.create(Date.now())
  const sealedKey = vaultOf(oldLine).seal(key, AUTHORITY_PURPOSE)
  await store.trust.addAuthority({ certificate, sealedKey, createdAtMs: 1 }, ANN)
  const seal = (file: string) => sealAnew({ store: store.trust, vault: vaultOf(file), clock: systemClock })
  expect(await seal(newLine)).toEqual({ sealed: 0, faults: [expect.stringContaining('which is not here')] })
  expect(await seal(`${newLine}\n${oldLine}\n`)).toEqual({ sealed: 1, faults: [] })
  expect(await seal(`${newLine}\n${oldLine}\n`)).toEqual({ sealed: 0, faults: [] })
  expect(await store.trust.reseal({ before: sealedKey, sealedKey, atMs: 1 }, ANN)).toBe(false)
  expect(await joined(serviceWith(vaultOf(newLine)), 'checker')).toBeDefined()
  const request = { role: 'checker', site: 'ams', name: 'two', addresses: [], expiresSec: 60 } as const
  expect(await serviceWith(vaultOf(oldLine)).createJoinToken(request, ANN)).toMatchObject({ kind: 'unable' })
  const audited = (await store.audit.read({ limit: 10 })).map(({ actor, action }) => [actor, action])
  expect(audited.filter(([, action]) => action === 'authority seal')).toEqual([
    ['fairlead', 'authority seal'],
  ])
})

it.each([
  ['without an authority', () => Promise.resolve(serviceWith()), /has no authority: make one/],
  ['without its key', () => withAuthority().then(() => serviceWith(CLOSED_VAULT)), /--authority-key-file/],
  [
    'with another key',
    () => withAuthority().then(() => serviceWith(vaultOf(newEncryptionKey()))),
    /which is not here/,
  ],
] as const)('%s it cannot let anybody join, and says so', async (_, make, reason) => {
  const trust = await make()
  const request = { role: 'checker', site: 'ams', name: 'one', addresses: [], expiresSec: 60 } as const
  expect(await trust.createJoinToken(request, ANN)).toMatchObject({
    kind: 'unable',
    reason: expect.stringMatching(reason) as unknown,
  })
})

it('refuses what is no token and no public key', async () => {
  const trust = await withAuthority()
  expect(await trust.join({ token: 'x', publicKey: publicKey() })).toMatchObject({ kind: 'refused', who: '' })
  const about = { role: 'checker', site: 'ams', name: 'one', addresses: [], expiresSec: 60 } as const
  const created = await trust.createJoinToken(about, ANN)
  const token = 'token' in created ? created.token : ''
  expect(await trust.join({ token, publicKey: 'AAAA' })).toMatchObject({ kind: 'refused' })
  // The token is as good as before.
  expect(await trust.join({ token, publicKey: publicKey() })).toMatchObject({ kind: 'issued' })
})
