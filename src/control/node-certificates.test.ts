import { expect, it } from 'vitest'
import type { PeerIdentity } from '../core/model/peer-identity.ts'
import { NodeCertificates } from './node-certificates.ts'

const HOUR_MS = 3_600_000
const nameserver = (site: string): PeerIdentity => ({ role: 'nameserver', site, name: 'ns1' })
const lasting = (hours: number) => ({ beginsMs: -10 * 60_000, endsMs: hours * HOUR_MS })

it('a node whose last certificate is revoked is taken away, once; one that came with another is not', () => {
  const certificates = new NodeCertificates()
  const show = (site: string, serial: string) => {
    certificates.shown({ identity: nameserver(site), serial, ...lasting(24) })
  }
  show('ams', '01')
  show('fra', '02')
  show('fra', '03')
  expect(certificates.revoked(new Set(['02']))).toEqual([])
  expect(certificates.revoked(new Set(['01', '02']))).toEqual([nameserver('ams')])
  expect(certificates.revoked(new Set(['01', '02']))).toEqual([])
  show('ams', '04')
  expect(certificates.revoked(new Set(['01', '02']))).toEqual([])
})

it('a certificate is overdue with less than a fifth of its life left, or a week if that is less', () => {
  const certificates = new NodeCertificates()
  certificates.shown({ identity: nameserver('day'), serial: '01', ...lasting(24) })
  certificates.shown({ identity: nameserver('year'), serial: '02', ...lasting(365 * 24) })
  const overdue = (hours: number) =>
    certificates.overdue(hours * HOUR_MS).map(({ identity }) => 'site' in identity && identity.site)
  expect(overdue(19.2)).toEqual([])
  expect(overdue(19.3)).toEqual(['day'])
  certificates.shown({ identity: nameserver('day'), serial: '03', ...lasting(400 * 24) })
  expect(overdue(358 * 24)).toEqual([])
  expect(overdue(359 * 24)).toEqual(['year'])
  expect(overdue(366 * 24)).toEqual(['year'])
})
