import { expect, it } from 'vitest'
import type { PeerIdentity } from '../../core/model/peer-identity.ts'
import { parseReport } from './report-message.ts'
import { WireFault } from './wire-fault.ts'

const checker: PeerIdentity = { role: 'checker', site: 'ams', name: 'ck1' }
const nameserver: PeerIdentity = { role: 'nameserver', site: 'ams', name: 'ns1' }
const publication = {
  kind: 'publication',
  ...{ atMs: 1, zone: 'a.test', serial: 3, owners: ['www.a.test'], readBackMs: null },
}
const event = (what: object) => JSON.stringify({ kind: 'event', event: what })

it('only nameservers publish, each under its own name', () => {
  expect(() => parseReport(event(publication), checker)).toThrow(
    new WireFault("a report of the kind 'publication' from a checker"),
  )
  expect(parseReport(event(publication), nameserver)).toEqual({
    kind: 'event',
    event: { ...publication, source: 'nameserver ams/ns1' },
  })
  expect(parseReport(event({ ...publication, source: 'nameserver ams/ns2' }), nameserver)).toMatchObject({
    event: { source: 'nameserver ams/ns1' },
  })
})

it('what a newer node says more is left out, wherever it stands', () => {
  const report = { name: 'ck1', site: 'ams', version: '9.0.0', revision: 1, feed: 'connected' }
  const counts = { endpoints: 1, readers: 1, probesRunning: 0, probesWaiting: 0, localErrors: 0 }
  const said = { kind: 'checker', report: { ...report, ...counts } }
  const more = { ...said, also: 1, report: { ...said.report, probesPerSec: 3 } }
  expect(parseReport(JSON.stringify(more), checker)).toEqual(said)
})

it('what is published or taken back is so at the nameserver of the certificate', () => {
  expect(parseReport(JSON.stringify({ kind: 'withdrawn', names: ['www.a.test'] }), nameserver)).toEqual({
    ...{ kind: 'withdrawn', names: ['www.a.test'], by: 'ams/ns1' },
  })
})

it('an alarm is of who sends it', () => {
  const alarm = { kind: 'alarm', atMs: 1, source: 'nameserver ams/ns1', message: 'm' }
  expect(parseReport(event(alarm), checker)).toMatchObject({ event: { source: 'checker ck1' } })
})

it('whom a node turned away is what that node says, and nobody that is known here', () => {
  const refused = { kind: 'refused', who: 'fairlead://control/c1', from: '192.0.2.1', reason: 'x' }
  expect(parseReport(JSON.stringify(refused), checker)).toEqual({
    ...refused,
    who: 'fairlead://control/c1, says fairlead://checker/ams/ck1',
  })
  expect(parseReport(JSON.stringify({ ...refused, who: '' }), checker)).toMatchObject({ who: '' })
  expect(parseReport(JSON.stringify({ ...refused, vouched: true }), checker)).toMatchObject({ vouched: true })
})
