/** What the authority makes, as OpenSSL sees it: strictly, and at other times than now. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { AuthorityError, type AuthorityMaterial } from '../../ports/authority.ts'
import { CertificateAuthority } from '../probes/testing/certificates.ts'
import { authorities } from './authorities.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-authority-'))
const own = new CertificateAuthority()
afterAll(() => {
  rmSync(folder, { recursive: true })
  own[Symbol.dispose]()
})

const HOUR_MS = 3_600_000
const nowMs = Date.now()

function publicKeyOf(namedCurve = 'P-256'): string {
  return generateKeyPairSync('ec', { namedCurve })
    .publicKey.export({ type: 'spki', format: 'der' })
    .toString('base64')
}

const order = {
  ...{ publicKey: publicKeyOf(), identity: 'fairlead://control/c1', nowMs, lifeMs: HOUR_MS },
  names: ['control-1.example.net', '192.0.2.1', '2001:db8::1'],
}

/** As of so many seconds from now. */
function verify(
  certificate: string,
  chain: string,
  { afterSec = 0, purpose = 'sslserver', strict = true } = {},
): void {
  const [ca, leaf] = [join(folder, 'ca.pem'), join(folder, 'leaf.pem')]
  writeFileSync(ca, certificate)
  writeFileSync(leaf, chain)
  const at = String(Math.floor(nowMs / 1_000) + afterSec)
  const how = [...(strict ? ['-x509_strict'] : []), '-purpose', purpose, '-attime', at]
  execFileSync('openssl', ['verify', ...how, '-CAfile', ca, leaf], { stdio: 'pipe' })
}

it('makes certificates that OpenSSL believes, for servers and clients, and that say what was ordered', () => {
  const authority = authorities.open(authorities.create(nowMs))
  const { chain, serial, notAfterMs } = authority.issue(order)
  for (const purpose of ['sslserver', 'sslclient']) verify(authority.certificate, chain, { purpose })
  const certificate = new X509Certificate(chain)
  expect(certificate.subjectAltName).toBe(
    'URI:fairlead://control/c1, DNS:control-1.example.net, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1',
  )
  expect(certificate.serialNumber).toBe(serial)
  expect(serial).toMatch(/^[0-9A-F]{32}$/)
  expect(certificate.ca).toBe(false)
  expect(certificate.validToDate.getTime()).toBe(notAfterMs)
  expect(chain).toContain(authority.certificate)
  expect(authority.fingerprint).toBe(
    new X509Certificate(authority.certificate).fingerprint256.replaceAll(':', '').toLowerCase(),
  )
})

it('is believed by a clock that is five minutes late, of an issuer that is five minutes early, and by none for longer than it lasts', () => {
  const authority = authorities.open(authorities.create(nowMs))
  const { chain } = authority.issue(order)
  verify(authority.certificate, chain, { afterSec: -599 })
  verify(authority.certificate, chain, { afterSec: HOUR_MS / 1_000 - 1 })
  for (const afterSec of [-602, HOUR_MS / 1_000 + 1])
    expect(() => {
      verify(authority.certificate, chain, { afterSec })
    }).toThrow(/not yet valid|has expired/)
})

it('signs for an authority that somebody else made, with EC and RSA', () => {
  const ec = {
    certificate: readFileSync(own.caFile, 'utf8'),
    key: readFileSync(join(own.folder, 'ca.key'), 'utf8'),
  }
  const [keyFile, certificateFile] = [join(folder, 'rsa.key'), join(folder, 'rsa.pem')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/O=Ours/CN=RSA', '-days', '2']
  execFileSync('openssl', [...request, '-keyout', keyFile, '-out', certificateFile], { stdio: 'pipe' })
  const rsa = { certificate: readFileSync(certificateFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  // OpenSSL's certificate begins now, which is later than the file's `nowMs`.
  for (const material of [ec, rsa])
    verify(material.certificate, authorities.open(material).issue(order).chain, {
      afterSec: 600,
      strict: false,
    })
})

it('never outlives the authority, and signs nothing once that has expired', () => {
  const authority = authorities.open(authorities.create(nowMs))
  const years = 20 * 365 * 24 * HOUR_MS
  const { notAfterMs } = authority.issue({ ...order, lifeMs: years })
  expect(notAfterMs).toBe(new X509Certificate(authority.certificate).validToDate.getTime())
  expect(() => authority.issue({ ...order, nowMs: nowMs + years })).toThrow(/has expired/)
})

function certifiedByAnother(): AuthorityMaterial {
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', ...newKey, '-keyout', at('own.key'), '-out', at('own.csr'), '-subj', '/CN=Intermediate')
  writeFileSync(at('own.ext'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n')
  const by = ['-CA', own.caFile, '-CAkey', join(own.folder, 'ca.key'), '-set_serial', '7', '-days', '2']
  openssl('x509', '-req', '-in', at('own.csr'), ...by, '-extfile', at('own.ext'), '-out', at('own.pem'))
  return { certificate: readFileSync(at('own.pem'), 'utf8'), key: readFileSync(at('own.key'), 'utf8') }
}

it.each<[string, () => unknown]>([
  [
    'a certificate that is no authority',
    () => {
      const { cert, key } = own.issue('leaf', ['DNS:a.example'])
      return authorities.open({ certificate: cert.toString(), key: key.toString() })
    },
  ],
  ['an authority that another one certified', () => authorities.open(certifiedByAnother())],
  [
    'a key of another one',
    () => authorities.open({ ...authorities.create(nowMs), key: authorities.create(nowMs).key }),
  ],
  ['what is no PEM', () => authorities.open({ certificate: 'x', key: 'y' })],
  [
    'a public key of another curve',
    () => authorities.open(authorities.create(nowMs)).issue({ ...order, publicKey: publicKeyOf('P-384') }),
  ],
  [
    'what is no public key',
    () => authorities.open(authorities.create(nowMs)).issue({ ...order, publicKey: 'AAAA' }),
  ],
])('refuses %s with a sentence', (_, make) => {
  expect(make).toThrow(AuthorityError)
})
