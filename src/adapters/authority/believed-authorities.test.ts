/** Whom a process believes, on its real disk. */
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Authority, OfferedAuthority } from '../../ports/authority.ts'
import { systemClock } from '../clock/system-clock.ts'
import { TlsIdentity } from '../transport/tls-identity.ts'
import { acceptAuthorities } from './accept-authorities.ts'
import { authorities } from './authorities.ts'
import { BelievedAuthorities } from './believed-authorities.ts'
import { CertificateRenewal } from './certificate-renewal.ts'
import { identityFilesIn, newNodeKey, writeIdentity } from './identity-files.ts'

const logger = pino({ level: 'silent' })
const [a, b, c] = [1, 2, 3].map(() => authorities.open(authorities.create(Date.now()))) as [
  Authority,
  Authority,
  Authority,
]
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-believed-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function offered(authority: Authority, ...by: readonly Authority[]): OfferedAuthority {
  const endorsements = by.map((one) => ({ by: one.fingerprint, signature: one.endorse(authority) }))
  return { certificate: authority.certificate, endorsements }
}

function issue(by: Authority, publicKey: string): string {
  const about = { identity: 'fairlead://checker/ams/ams-1', names: [], nowMs: Date.now(), lifeMs: 3_600_000 }
  return by.issue({ publicKey, ...about }).chain
}

async function process(
  by: Authority = a,
): Promise<{ tls: TlsIdentity; believed: BelievedAuthorities; start: () => BelievedAuthorities }> {
  const { key, publicKey } = newNodeKey()
  await writeIdentity(folder, { key, chain: issue(by, publicKey), authority: by.certificate })
  const tls = new TlsIdentity(identityFilesIn(folder))
  const start = () =>
    new BelievedAuthorities({ tls, caFile: join(folder, 'ca.pem'), clock: systemClock, logger })
  return { tls, believed: start(), start }
}

it('takes whom one that it believes has endorsed, and keeps it across a start', async () => {
  const { tls, believed } = await process()
  await believed.take({ version: 5, authorities: [offered(a, b), offered(b, a)] })
  expect(tls.authorityFingerprints).toEqual([a.fingerprint, b.fingerprint])
  expect(believed.isOutdated).toBe(false)
  expect(new TlsIdentity(identityFilesIn(folder)).authorityFingerprints).toEqual([
    a.fingerprint,
    b.fingerprint,
  ])
})

it('takes nothing at all where nobody vouches for one of them', async () => {
  const { tls, believed } = await process()
  const before = readFileSync(join(folder, 'ca.pem'), 'utf8')
  const forged = { ...offered(b, a), certificate: c.certificate }
  for (const one of [offered(b), offered(b, c), forged])
    await believed.take({ version: 5, authorities: [one] })
  expect(tls.authorityFingerprints).toEqual([a.fingerprint])
  expect(readFileSync(join(folder, 'ca.pem'), 'utf8')).toBe(before)
})

it('leaves an offer alone that is older than what is there, also after a start; and one of no version or of the far future', async () => {
  const { tls, believed, start } = await process()
  await believed.take({ version: 5, authorities: [offered(a, b), offered(b, a)] })
  const late = { version: 4, authorities: [offered(a)] }
  await believed.take(late)
  await start().take(late)
  await start().take({ ...late, version: 0 })
  await start().take({ ...late, version: Date.now() + 86_400_000 })
  expect(tls.believes(b.fingerprint)).toBe(true)
})

it('keeps that of its own certificate until it has another one, which it gets soon', async () => {
  const { tls, believed } = await process()
  const renewal = new CertificateRenewal({
    ...{ tls, dataDir: folder, believed, spreadMs: 10, clock: systemClock, logger },
    renew: (publicKey) => Promise.resolve(issue(b, publicKey)),
  })
  // It was away while the one before was current, and comes when that is gone.
  const retired = { version: 7, authorities: [offered(b, a)] }
  await believed.take(retired)
  expect(tls.authorityFingerprints).toEqual([b.fingerprint, a.fingerprint])
  expect(believed.isOutdated).toBe(true)
  renewal.start()
  await expect.poll(() => tls.authority, { timeout: 10_000 }).toBe(b.fingerprint)
  await renewal.stop()
  await believed.take(retired)
  expect(believed.isOutdated).toBe(false)
  expect(tls.authorityFingerprints).toEqual([b.fingerprint])
})

it('writes down no certificate of an authority that is not believed here', async () => {
  const { tls, believed } = await process()
  const { serialNumber } = tls.certificate
  let tries = 0
  await believed.take({ version: 7, authorities: [offered(b, a)] })
  const renewal = new CertificateRenewal({
    ...{ tls, dataDir: folder, believed, spreadMs: 0, clock: systemClock, logger },
    renew: (publicKey) => {
      tries += 1
      return Promise.resolve(issue(c, publicKey))
    },
  })
  renewal.start()
  await expect.poll(() => tries).toBe(1)
  await renewal.stop()
  expect(new TlsIdentity(identityFilesIn(folder)).certificate.serialNumber).toBe(serialNumber)
})

it('goes from one to the next to the one after, where each vouches for the next', () => {
  const chain = [offered(c, b), offered(b, a)]
  const known = [new X509Certificate(a.certificate)]
  expect(acceptAuthorities(chain, known).authorities.map(String)).toEqual([c.certificate, b.certificate])
  expect(acceptAuthorities([offered(c, b)], known).strangers).toEqual([c.fingerprint])
})
