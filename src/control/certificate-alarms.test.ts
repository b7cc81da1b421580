import { expect, it } from 'vitest'
import { emptyConfiguration, type Configuration } from '../core/model/configuration.ts'
import type { PeerIdentity } from '../core/model/peer-identity.ts'
import { certificateAlarms } from './certificate-alarms.ts'
import { NodeCertificates } from './node-certificates.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const checker = (name: string): PeerIdentity => ({ role: 'checker', site: 'ams', name })
const naming = (...names: string[]): Configuration => ({
  ...emptyConfiguration(),
  site: new Map([
    [
      'ams',
      {
        name: 'ams',
        enabled: true,
        checkers: names.map((name) => ({ name, address: '::1', port: 1 })),
        canaries: [],
      },
    ],
  ]),
})

it('a certificate that was not renewed is told of before it ends and after, with what lets the node in again', () => {
  const certificates = new NodeCertificates()
  certificates.shown({ identity: checker('ck1'), serial: '01', beginsMs: 0, endsMs: 30 * DAY_MS })
  certificates.shown({
    identity: { role: 'control', name: 'c1' },
    serial: '02',
    beginsMs: 0,
    endsMs: 60 * DAY_MS,
  })
  const at = (days: number, configuration = naming('ck1')) =>
    certificateAlarms(certificates, { configuration, wallMs: days * DAY_MS })
  expect(at(20)).toEqual([])
  expect(at(25)).toEqual([
    'the certificate of fairlead://checker/ams/ck1 ends in 5 days, at 1970-01-31T00:00:00.000Z, and was not renewed: its log says why',
  ])
  expect(at(29.5)[0]).toContain('ends in 12 hours')
  expect(at(29.99)[0]).toContain('ends in 15 minutes')
  expect(at(30)).toEqual([
    'the certificate of fairlead://checker/ams/ck1 ended at 1970-01-31T00:00:00.000Z: it is let in again by another one (fairlead join --force, or new files)',
  ])
  // It was taken out of the configuration, in which there are others.
  expect(at(30, naming('ck2'))).toEqual([])
})
