/** A node's own part of trust: over real TLS, with its real disk. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import type { Clock } from '../../ports/clock.ts'
import type { NodeTrust } from '../../ports/trust.ts'
import { BelievedAuthorities } from '../authority/believed-authorities.ts'
import { CertificateRenewal } from '../authority/certificate-renewal.ts'
import { authorities } from '../authority/authorities.ts'
import { newNodeKey, identityFilesIn, writeIdentity } from '../authority/identity-files.ts'
import { systemClock } from '../clock/system-clock.ts'
import { LocalFeed } from './local-feed.ts'
import { NodeServer } from './node-server.ts'
import { digestOfRevocations } from './revocations.ts'
import { NO_TRUST } from './testing/no-trust.ts'
import { TransportRig } from './testing/transport-rig.ts'
import { TlsIdentity } from './tls-identity.ts'
import { TrustLink } from './trust-link.ts'

const clock = systemClock
const LATER_MS = Date.now() + 3_600_000
const SOON = { timeout: 10_000 }
const logger = pino({ level: 'silent' })
const rig = new TransportRig()
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-link-'))
})
afterEach(async () => {
  await rig.cleanUp()
  rmSync(folder, { recursive: true })
})
afterAll(() => {
  rig.dispose()
})

async function serve(
  trust: NodeTrust,
  tls = rig.identity('fairlead://control/c1'),
): Promise<{ host: string; port: number }> {
  const server = new NodeServer({
    ...{ listen: { host: '127.0.0.1', port: 0 }, tls },
    ...{ feed: new LocalFeed(), clock, logger, instance: 'one', trust },
    store: { revision: () => Promise.resolve(null), revisionsAfter: () => Promise.resolve([]) },
    refresh: () => Promise.resolve(),
    ...{ onReport: () => undefined, onRefused: () => undefined },
  })
  await server.listen()
  rig.stops.push(() => server.close())
  return { host: '127.0.0.1', port: server.port }
}

function link(
  controls: { host: string; port: number }[],
  by: Clock = clock,
): { tls: TlsIdentity; link: TrustLink } {
  const tls = rig.identity('fairlead://checker/ams/ams-1')
  const believed = new BelievedAuthorities({ tls, caFile: null, clock: by, logger })
  const path = join(folder, 'revoked.json')
  const made = new TrustLink({ path, controls, tls, believed, clock: by, logger })
  rig.stops.push(() => made.stop())
  return { tls, link: made }
}

it('learns what is revoked from the first control that answers, and when one says that it has another list', async () => {
  let serials: readonly string[] = ['0A']
  const to = await serve({
    ...NO_TRUST,
    revokedSerials: () => serials,
    revoked: () => serials.map((serial) => ({ serial, notAfterMs: LATER_MS })),
  })
  const node = link([{ host: '127.0.0.1', port: 1 }, to])
  await node.link.start()
  await expect.poll(() => node.tls.revocations.has('0A'), SOON).toBe(true)
  serials = ['0B']
  await expect
    .poll(() => {
      node.link.hear({ digest: digestOfRevocations(serials), version: 0, from: to })
      return node.tls.revocations.has('0B')
    }, SOON)
    .toBe(true)
  // A control that is late, or whose store went back, does not give it its trust again.
  expect(node.tls.revocations.has('0A')).toBe(true)
  await expect
    .poll(() => readFileSync(join(folder, 'revoked.json'), 'utf8'), SOON)
    .toBe(`{"serials":["0A","0B"],"notAfterMs":{"0A":${LATER_MS},"0B":${LATER_MS}}}\n`)
})

it('a control that was revoked is asked for nothing, and is not believed about anything', async () => {
  let asked = 0
  const tls = rig.identity('fairlead://control/c1')
  const serial = tls.certificate.serialNumber
  const trust: NodeTrust = {
    ...NO_TRUST,
    revoked: () => ((asked += 1), []),
    offer: () => ((asked += 1), NO_TRUST.offer()),
    renew: () => (
      (asked += 1),
      Promise.resolve({ kind: 'issued', chain: 'x', authority: 'x', offer: NO_TRUST.offer() })
    ),
  }
  const to = await serve(trust, tls)
  writeFileSync(join(folder, 'revoked.json'), `{"serials":["${serial}"]}\n`)
  const node = link([to])
  await node.link.start()
  await expect(node.link.renew('key')).rejects.toThrow(`its certificate ${serial} was revoked`)
  expect(asked).toBe(0)
  expect(node.tls.revocations.has(serial)).toBe(true)
})

it('a serial is forgotten when its certificate has expired, never because a control does not name it', async () => {
  let revoked = [
    { serial: '0D', notAfterMs: LATER_MS },
    { serial: '0E', notAfterMs: LATER_MS + 3_600_000 },
  ]
  const to = await serve({
    ...NO_TRUST,
    revokedSerials: () => revoked.map(({ serial }) => serial),
    revoked: () => revoked,
  })
  // Of an earlier version: it does not say when 0C and 0D end.
  writeFileSync(join(folder, 'revoked.json'), '{"serials":["0C","0D"]}\n')
  let aheadMs = 0
  const ahead = {
    ...clock,
    monotonicMs: () => clock.monotonicMs() + aheadMs,
    wallMs: () => clock.wallMs() + aheadMs,
  }
  const node = link([to], ahead)
  await node.link.start()
  await expect.poll(() => node.tls.revocations.has('0E'), SOON).toBe(true)
  revoked = [{ serial: '0F', notAfterMs: LATER_MS + 3_600_000 }]
  aheadMs = 11 * 60_000
  const seen = ['0C', '0D', '0E', '0F']
  const look = () => {
    node.link.hear({ digest: digestOfRevocations(revoked.map(({ serial }) => serial)), version: 0, from: to })
    return seen.filter((serial) => node.tls.revocations.has(serial)).join()
  }
  await expect.poll(look, SOON).toBe('0C,0D,0E,0F')
  revoked = []
  aheadMs = LATER_MS - clock.wallMs() + 11 * 60_000
  await expect.poll(look, SOON).toBe('0C,0E,0F')
})

it('starts with what is on its disk; with what is damaged as with nothing', async () => {
  writeFileSync(join(folder, 'revoked.json'), '{"serials":["0C"]}\n')
  const node = link([{ host: '127.0.0.1', port: 1 }])
  await node.link.start()
  expect(node.tls.revocations.has('0C')).toBe(true)
  writeFileSync(join(folder, 'revoked.json'), '{"serials":[')
  await link([{ host: '127.0.0.1', port: 1 }]).link.start()
})

it('a certificate is renewed before it ends, again and again until a control gives one that can be used', async () => {
  const authority = authorities.open(authorities.create(Date.now()))
  const issue = (publicKey: string, lifeMs: number, identity = 'fairlead://checker/ams/ams-1') =>
    authority.issue({ publicKey, identity, names: [], nowMs: Date.now(), lifeMs })
  const stranger = authorities.open(authorities.create(Date.now()))
  const strangers = (publicKey: string) =>
    stranger.issue({
      ...{ publicKey, identity: 'fairlead://checker/ams/ams-1', names: [] },
      ...{ nowMs: Date.now(), lifeMs: 3_600_000 },
    }).chain
  const { key, publicKey } = newNodeKey()
  await writeIdentity(folder, { key, chain: issue(publicKey, 3_000).chain, authority: authority.certificate })
  const tls = new TlsIdentity(identityFilesIn(folder))
  const first = tls.certificate.serialNumber
  const before = readFileSync(join(folder, 'identity.pem'), 'utf8')
  const other = newNodeKey()
  const answers = [
    () => 'garbage\n',
    () => issue(other.publicKey, 3_600_000).chain,
    (newKey: string) => issue(newKey, -360_000).chain,
    (newKey: string) => strangers(newKey),
    (newKey: string) => issue(newKey, 3_600_000, 'fairlead://checker/ams/ams-2').chain,
  ]
  let tries = 0
  const renewal = new CertificateRenewal({
    ...{ tls, dataDir: folder, clock, logger },
    spreadMs: 0,
    believed: new BelievedAuthorities({ tls, caFile: null, clock, logger }),
    renew: (newKey) => {
      tries += 1
      // What came before has not touched the only good one.
      expect(readFileSync(join(folder, 'identity.pem'), 'utf8')).toBe(before)
      if (tries === 1) return Promise.reject(new Error('no control answers'))
      const nonsense = answers[tries - 2]
      if (nonsense !== undefined) return Promise.resolve(nonsense(newKey))
      return Promise.resolve(issue(newKey, 3_600_000).chain)
    },
  })
  renewal.start()
  rig.stops.push(() => renewal.stop())
  await expect.poll(() => tls.certificate.serialNumber, { timeout: 20_000 }).not.toBe(first)
  expect(tries).toBe(answers.length + 2)
  expect(readFileSync(join(folder, 'identity.pem'), 'utf8')).toContain(tls.certificate.toString().trim())
})
