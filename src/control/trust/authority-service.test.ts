/** Two controls of one store, through a rotation. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { authorities } from '../../adapters/authority/authorities.ts'
import { systemClock } from '../../adapters/clock/system-clock.ts'
import { newEncryptionKey, vaultOf } from '../../adapters/dnssec/key-vault.ts'
import { openSqliteStore } from '../../adapters/sql/sqlite-store.ts'
import type { IssueOutcome } from '../../ports/trust.ts'
import type { Store } from '../../ports/store.ts'
import { AUTHORITY_PURPOSE, AuthorityService } from './authority-service.ts'
import { sealAnew } from './seal-anew.ts'
import { TrustService } from './trust-service.ts'

const ANN = { name: 'ann', from: '192.0.2.1' }
const AMS = 'fairlead://checker/ams/ams-1'
const UNFORCED = { force: null, actor: ANN }
const line = newEncryptionKey()
const vault = vaultOf(line)
const clock = systemClock
let folder: string
let store: Store
let first: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-authorities-'))
  store = await openSqliteStore({ path: join(folder, 'store.db') })
  const { certificate, key } = authorities.create(Date.now())
  first = authorities.read(certificate).fingerprint
  const sealedKey = vault.seal(key, AUTHORITY_PURPOSE)
  await store.trust.addAuthority({ certificate, sealedKey, createdAtMs: 1 }, ANN)
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

function control(by = vault): { service: AuthorityService; trust: TrustService } {
  const onOffer = () => Promise.resolve(null)
  const service = new AuthorityService({ store: store.authorities, vault: by, authorities, clock, onOffer })
  const about = { store: store.trust, lifeMs: 3_600_000, clock, onRevoked: () => undefined }
  return { service, trust: new TrustService({ ...about, authorities: service }) }
}

function publicKey(): string {
  const { publicKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return key.export({ type: 'spki', format: 'der' }).toString('base64')
}

function byWhom(outcome: IssueOutcome): string {
  if (outcome.kind !== 'issued') throw new Error(outcome.reason)
  const [, authority = ''] = outcome.chain.split(/(?<=-----END CERTIFICATE-----\n)/)
  return authorities.read(authority).fingerprint
}

it('every control signs by the authority of the moment, for an older node by the one that it believes', async () => {
  const [one, other] = [control(), control()]
  const renewal = (believes: readonly string[]) =>
    other.trust.renew({ serial: '01', identity: AMS, publicKey: publicKey(), believes })
  expect(byWhom(await renewal([first]))).toBe(first)
  expect(await one.service.rotate(null, ANN)).toEqual({ kind: 'done' })
  const next = (await one.service.view()).find(({ state }) => state === 'next')?.fingerprint ?? ''
  expect(byWhom(await renewal([first, next]))).toBe(first)
  expect(await one.service.take('promote', { force: 'a test', actor: ANN })).toEqual({ kind: 'done' })
  expect(byWhom(await renewal([first, next]))).toBe(next)
  expect(byWhom(await renewal([first]))).toBe(first)
  expect(await one.service.take('retire', { force: 'a test', actor: ANN })).toEqual({ kind: 'done' })
  expect(byWhom(await renewal([next]))).toBe(next)
  await other.trust.refresh()
  expect(other.trust.offer().authorities).toHaveLength(1)
})

it('gives whoever joins in its middle all that are to be believed; and nothing for a token of before the promotion', async () => {
  const { service, trust } = control()
  const tokenOf = async (name: string) => {
    const about = { role: 'checker', site: 'ams', name, addresses: [], expiresSec: 60 } as const
    const made = await trust.createJoinToken(about, ANN)
    return 'token' in made ? made.token : ''
  }
  await service.rotate(null, ANN)
  const [spent, late] = [await tokenOf('ams-1'), await tokenOf('ams-2')]
  const joined = await trust.join({ token: spent, publicKey: publicKey() })
  expect(joined).toMatchObject({
    kind: 'issued',
    authority: expect.stringMatching(/BEGIN[^]*BEGIN/) as unknown,
  })
  // Older programs look at the first one, which is that of the token.
  expect(authorities.read(joined.kind === 'issued' ? joined.authority : '').fingerprint).toBe(first)
  expect(byWhom(joined)).toBe(first)
  expect(await service.take('promote', UNFORCED)).toEqual({ kind: 'done' })
  const refused = { kind: 'refused', reason: expect.stringContaining('make another one') as unknown }
  expect(await trust.join({ token: late, publicKey: publicKey() })).toMatchObject(refused)
  // Whoever writes another fingerprint into it, as a thief of it may, has one that has ended.
  const [, , secret = ''] = late.split('.')
  const current = (await service.view()).find(({ state }) => state === 'current')?.fingerprint ?? ''
  const forged = { token: `join1.${current}.${secret}`, publicKey: publicKey() }
  expect(await trust.join(forged)).toMatchObject({
    kind: 'refused',
    reason: 'the join token has expired, or was revoked',
  })
})

it('names who is not ready, and says what comes first', async () => {
  const { service, trust } = control()
  const refused = (text: string) => ({ kind: 'refused', reason: expect.stringContaining(text) as unknown })
  expect(await service.take('promote', UNFORCED)).toEqual(refused("'fairlead authority rotate' makes one"))
  expect(await service.take('retire', UNFORCED)).toEqual(refused("'fairlead authority promote'"))
  await trust.renew({ serial: '01', identity: AMS, publicKey: publicKey(), believes: [first] })
  await service.rotate(null, ANN)
  expect(await service.rotate(null, ANN)).toEqual(refused('a rotation is under way'))
  expect(await service.take('promote', UNFORCED)).toEqual({ kind: 'waiting', identities: [AMS] })
  expect(await service.view()).toMatchObject([
    { state: 'current', certificates: 1, heldBy: [AMS], unknownTo: [] },
    { state: 'next', certificates: 0, heldBy: [], unknownTo: [AMS] },
  ])
  expect(await service.take('abandon', UNFORCED)).toEqual({ kind: 'done' })
  expect(await service.view()).toHaveLength(1)
})

it('takes one that somebody made themselves, with another key than the one before', async () => {
  const { service } = control()
  const own = authorities.create(Date.now())
  const refused = (text: string) => ({ kind: 'refused', reason: expect.stringContaining(text) as unknown })
  expect(await service.rotate({ ...own, key: 'none' }, ANN)).toEqual(refused('the key cannot be read'))
  const ended = authorities.create(Date.now() - 11 * 365 * 86_400_000)
  expect(await service.rotate(ended, ANN)).toEqual(refused('has expired'))
  // As a file of OpenSSL may have it.
  const text = { ...own, certificate: `Certificate:\n    Data:\n${own.certificate.trimEnd()}` }
  expect(await service.rotate(text, ANN)).toEqual({ kind: 'done' })
  const { fingerprint } = authorities.read(own.certificate)
  expect((await service.view())[1]).toMatchObject({ state: 'next', fingerprint })
  await service.take('promote', UNFORCED)
  await service.take('retire', UNFORCED)
  expect(await service.rotate(own, ANN)).toEqual(refused('it has the key of the current authority'))
})

it('writes down once what a node shows, and again when that is another', async () => {
  const { service } = control()
  await service.refresh()
  const shown = { serial: '01', identity: AMS, authority: first, believes: [first] }
  const times = { beginsMs: Date.now(), endsMs: Date.now() + 60_000 }
  service.seen({ ...shown, ...times })
  service.seen({ ...shown, ...times })
  const holders = () => store.authorities.holders({ unsaid: '', atMs: Date.now() })
  await expect.poll(async () => (await holders()).map(({ believes }) => believes)).toEqual([[first]])
  service.seen({ ...shown, ...times, believes: [first, 'b'] })
  await expect.poll(async () => (await holders()).map(({ believes }) => believes)).toEqual([[first, 'b']])
})

it('in the middle of a rotation all keys are sealed anew, and the old line is needed for no step', async () => {
  expect(await control().service.rotate(null, ANN)).toEqual({ kind: 'done' })
  const newLine = newEncryptionKey()
  const both = vaultOf(`${newLine}\n${line}\n`)
  expect(await sealAnew({ store: store.trust, vault: both, clock })).toEqual({ sealed: 2, faults: [] })
  const old = await control().service.take('promote', UNFORCED)
  expect(old).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('cannot use the key') as unknown,
  })
  const { service, trust } = control(vaultOf(newLine))
  const [, next] = (await service.view()).map(({ fingerprint }) => fingerprint)
  expect(await service.take('promote', UNFORCED)).toEqual({ kind: 'done' })
  const renewal = (believes: readonly string[]) =>
    trust.renew({ serial: '01', identity: AMS, publicKey: publicKey(), believes })
  expect(byWhom(await renewal([first]))).toBe(first)
  expect(byWhom(await renewal([first, next ?? '']))).toBe(next)
})
