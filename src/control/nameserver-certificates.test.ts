import { expect, it } from 'vitest'
import { NameserverCertificates } from './nameserver-certificates.ts'

it('a nameserver whose last certificate is revoked is taken away, once; one that came with another is not', () => {
  const certificates = new NameserverCertificates()
  certificates.shown('ams/ns1', '01')
  certificates.shown('fra/ns1', '02')
  certificates.shown('fra/ns1', '03')
  expect(certificates.revoked(new Set(['02']))).toEqual([])
  expect(certificates.revoked(new Set(['01', '02']))).toEqual(['ams/ns1'])
  expect(certificates.revoked(new Set(['01', '02']))).toEqual([])
  certificates.shown('ams/ns1', '04')
  expect(certificates.revoked(new Set(['01', '02']))).toEqual([])
})
