/** A node's own part of trust: over real TLS, with its real disk. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import type { Refusal } from '../../ports/refusals.ts'
import type { NodeTrust } from '../../ports/trust.ts'
import { BelievedAuthorities } from '../authority/believed-authorities.ts'
import { CertificateRenewal } from '../authority/certificate-renewal.ts'
import { authorities } from '../authority/authorities.ts'
import { newNodeKey, identityFilesIn, writeIdentity } from '../authority/identity-files.ts'
import { systemClock } from '../clock/system-clock.ts'
import { LocalFeed } from './local-feed.ts'
import { NodeServer } from './node-server.ts'
import { RefusalLimit } from './refusal-limit.ts'
import { digestOfRevocations } from './revocations.ts'
import { NO_TRUST } from './testing/no-trust.ts'
import { TransportRig } from './testing/transport-rig.ts'
import { TlsIdentity } from './tls-identity.ts'
import { TrustLink } from './trust-link.ts'

const clock = systemClock
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

async function serve(trust: NodeTrust): Promise<{ host: string; port: number }> {
  const server = new NodeServer({
    ...{ listen: { host: '127.0.0.1', port: 0 }, tls: rig.identity('fairlead://control/c1') },
    ...{ feed: new LocalFeed(), clock, logger, instance: 'one', trust },
    store: { revision: () => Promise.resolve(null), revisionsAfter: () => Promise.resolve([]) },
    refresh: () => Promise.resolve(),
    ...{ onReport: () => undefined, onRefused: () => undefined },
  })
  await server.listen()
  rig.stops.push(() => server.close())
  return { host: '127.0.0.1', port: server.port }
}

function link(controls: { host: string; port: number }[]): { tls: TlsIdentity; link: TrustLink } {
  const tls = rig.identity('fairlead://checker/ams/ams-1')
  const believed = new BelievedAuthorities({ tls, caFile: null, clock, logger })
  const made = new TrustLink({ path: join(folder, 'revoked.json'), controls, tls, believed, clock, logger })
  rig.stops.push(() => made.stop())
  return { tls, link: made }
}

it('learns what is revoked from the first control that answers, and when one says that it has another list', async () => {
  let serials: readonly string[] = ['0A']
  const to = await serve({ ...NO_TRUST, revokedSerials: () => serials })
  const node = link([{ host: '127.0.0.1', port: 1 }, to])
  await node.link.start()
  await expect.poll(() => node.tls.revocations.has('0A')).toBe(true)
  serials = ['0B']
  await expect
    .poll(() => {
      node.link.hear({ digest: digestOfRevocations(serials), version: 0, from: to })
      return node.tls.revocations.has('0B')
    })
    .toBe(true)
  // A control that is late, or whose store went back, does not give it its trust again.
  expect(node.tls.revocations.has('0A')).toBe(true)
  await expect
    .poll(() => readFileSync(join(folder, 'revoked.json'), 'utf8'))
    .toBe('{"serials":["0A","0B"]}\n')
})

it('starts with what is on its disk; with what is damaged as with nothing', async () => {
  writeFileSync(join(folder, 'revoked.json'), '{"serials":["0C"]}\n')
  const node = link([{ host: '127.0.0.1', port: 1 }])
  await node.link.start()
  expect(node.tls.revocations.has('0C')).toBe(true)
  writeFileSync(join(folder, 'revoked.json'), '{"serials":[')
  await link([{ host: '127.0.0.1', port: 1 }]).link.start()
})

it('a certificate is renewed before it ends, again and again until a control gives one', async () => {
  const authority = authorities.open(authorities.create(Date.now()))
  const issue = (publicKey: string, lifeMs: number) =>
    authority.issue({
      publicKey,
      identity: 'fairlead://checker/ams/ams-1',
      names: [],
      nowMs: Date.now(),
      lifeMs,
    })
  const { key, publicKey } = newNodeKey()
  await writeIdentity(folder, { key, chain: issue(publicKey, 3_000).chain, authority: authority.certificate })
  const tls = new TlsIdentity(identityFilesIn(folder))
  const first = tls.certificate.serialNumber
  let tries = 0
  const renewal = new CertificateRenewal({
    ...{ tls, dataDir: folder, clock, logger },
    spreadMs: 0,
    believed: new BelievedAuthorities({ tls, caFile: null, clock, logger }),
    renew: (newKey) => {
      tries += 1
      if (tries < 3) return Promise.reject(new Error('no control answers'))
      return Promise.resolve(issue(newKey, 3_600_000).chain)
    },
  })
  renewal.start()
  rig.stops.push(() => renewal.stop())
  await expect.poll(() => tls.certificate.serialNumber, { timeout: 20_000 }).not.toBe(first)
  expect(tries).toBe(3)
  expect(readFileSync(join(folder, 'identity.pem'), 'utf8')).toContain(tls.certificate.toString().trim())
})

it('tells of who knocks too often once', () => {
  const told: Refusal[] = []
  const timers: (() => void)[] = []
  const limit = new RefusalLimit((what) => told.push(what), {
    ...{ monotonicMs: () => 0, wallMs: () => 0 },
    after: (_, callback) => {
      timers.push(callback)
      return () => undefined
    },
  })
  for (let count = 0; count < 1_000; count += 1) limit.tell({ who: '', from: '192.0.2.1', reason: 'x' })
  expect(told).toHaveLength(50)
  for (const timer of timers) timer()
  expect(told.at(-1)?.reason).toBe('950 more were refused within ten seconds')
})
