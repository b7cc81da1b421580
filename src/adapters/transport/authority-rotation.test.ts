/** An authority is replaced between a control, a checker and its reader: over real TLS, with their real disks. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ReportingChecker } from '../../core/health/testing/reporting-checker.ts'
import type { Authority, AuthorityOffer, OfferedAuthority } from '../../ports/authority.ts'
import type { Refusal } from '../../ports/refusals.ts'
import type { NodeTrust, ShownCertificate } from '../../ports/trust.ts'
import { authorities } from '../authority/authorities.ts'
import { BelievedAuthorities } from '../authority/believed-authorities.ts'
import { identityFilesIn, newNodeKey, writeIdentity } from '../authority/identity-files.ts'
import { systemClock } from '../clock/system-clock.ts'
import { FrameClient } from './frame-client.ts'
import { FrameServer } from './frame-server.ts'
import { LocalFeed } from './local-feed.ts'
import { NodeServer } from './node-server.ts'
import { NO_TRUST } from './testing/no-trust.ts'
import { siteWithCheckers } from './testing/site-with-checkers.ts'
import { TlsIdentity } from './tls-identity.ts'
import { TrustLink } from './trust-link.ts'

const HOST = '127.0.0.1'
const clock = systemClock
const lines: string[] = []
const logger = pino(
  {},
  new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString())
      done()
    },
  }),
)
const [a, b] = [1, 2].map(() => authorities.open(authorities.create(Date.now()))) as [Authority, Authority]
const both: AuthorityOffer = { version: 5, authorities: [offered(a, b), offered(b, a)] }
const promoted: AuthorityOffer = { version: 6, authorities: [offered(b, a), offered(a, b)] }
const retired: AuthorityOffer = { version: 7, authorities: [offered(b, a)] }
const stops: (() => Promise<void> | void)[] = []
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-rotation-'))
  lines.length = 0
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  rmSync(folder, { recursive: true })
})

function offered(authority: Authority, by: Authority): OfferedAuthority {
  const endorsements = [{ by: by.fingerprint, signature: by.endorse(authority) }]
  return { certificate: authority.certificate, endorsements }
}

class Process {
  readonly tls: TlsIdentity
  readonly believed: BelievedAuthorities
  readonly dataDir: string
  readonly #identity: string

  private constructor(dataDir: string, identity: string) {
    this.dataDir = dataDir
    this.#identity = identity
    this.tls = new TlsIdentity(identityFilesIn(dataDir))
    this.believed = new BelievedAuthorities({ tls: this.tls, caFile: join(dataDir, 'ca.pem'), clock, logger })
  }

  static async of(identity: string, by = a): Promise<Process> {
    const dataDir = mkdtempSync(join(folder, 'process-'))
    await writeIdentity(dataDir, { ...certified(identity, by), authority: by.certificate })
    return new Process(dataDir, identity)
  }

  async renew(by: Authority): Promise<void> {
    await writeIdentity(this.dataDir, certified(this.#identity, by))
    this.tls.reload()
  }
}

function certified(identity: string, by: Authority): { readonly key: string; readonly chain: string } {
  const { key, publicKey } = newNodeKey()
  const { chain } = by.issue({ publicKey, identity, names: [], nowMs: Date.now(), lifeMs: 3_600_000 })
  return { key, chain }
}

async function serve({ tls }: Process, trust: Partial<NodeTrust>): Promise<{ host: string; port: number }> {
  const server = new NodeServer({
    ...{ listen: { host: HOST, port: 0 }, tls, feed: new LocalFeed(), clock, logger, instance: 'one' },
    store: { revision: () => Promise.resolve(null), revisionsAfter: () => Promise.resolve([]) },
    refresh: () => Promise.resolve(),
    ...{ trust: { ...NO_TRUST, ...trust }, onReport: () => undefined, onRefused: () => undefined },
  })
  await server.listen()
  stops.push(() => server.close())
  return { host: HOST, port: server.port }
}

function linkOf({ tls, believed, dataDir }: Process, control: { host: string; port: number }): TrustLink {
  const made = new TrustLink({
    ...{ path: join(dataDir, 'revoked.json'), controls: [control], tls, believed, clock, logger },
  })
  stops.push(() => made.stop())
  return made
}

it('a node takes what a control offers, says so once it is on its disk, and says by what it is certified', async () => {
  const [control, node] = [
    await Process.of('fairlead://control/c1'),
    await Process.of('fairlead://checker/ams/ams-1'),
  ]
  await control.believed.take(both)
  const seen: ShownCertificate[] = []
  let offer = both
  const onDisk = () => readFileSync(join(node.dataDir, 'ca.pem'), 'utf8')
  const at = await serve(control, {
    offer: () => offer,
    seen: (shown) => {
      if (shown.believes.includes(b.fingerprint)) expect(onDisk()).toContain(b.certificate)
      seen.push(shown)
    },
  })
  const link = linkOf(node, at)
  await link.start()
  await expect
    .poll(() => seen.at(-1), { timeout: 10_000 })
    .toMatchObject({
      ...{ identity: 'fairlead://checker/ams/ams-1', authority: a.fingerprint },
      believes: [a.fingerprint, b.fingerprint],
    })
  offer = promoted
  await node.renew(b)
  await expect.poll(() => seen.at(-1)?.authority, { timeout: 10_000 }).toBe(b.fingerprint)
  link.hear({ digest: '', version: 6, from: at })
  await expect.poll(() => node.believed.heardVersion, { timeout: 10_000 }).toBe(6)
})

it('a node that was away for all of it is told what to do, on both sides', async () => {
  const [control, node] = [
    await Process.of('fairlead://control/c1', b),
    await Process.of('fairlead://checker/ams/ams-1'),
  ]
  await linkOf(node, await serve(control, {})).start()
  const told = () => lines.join('')
  await expect.poll(told, { timeout: 10_000 }).toMatch(/"reason":"[^"]*let that machine join again/)
  // It has the new one, and its certificate is by the one that is gone.
  lines.length = 0
  await node.believed.take({ ...both, version: 4 })
  await linkOf(node, await serve(control, {})).start()
  await expect.poll(told, { timeout: 10_000 }).toMatch(/self signed cert in chain: it is by no authority/)
})

it('what stands between a checker and its reader is made anew by the reader, and refused a while later in any case', async () => {
  const [checker, reader] = [
    await Process.of('fairlead://checker/ams/ams-1'),
    await Process.of('fairlead://nameserver/ams/ns-1'),
  ]
  const refusals: Refusal[] = []
  const onRefused = (what: Refusal) => refusals.push(what)
  const server = new FrameServer({
    listen: { host: HOST, port: 0 },
    tls: checker.tls,
    clock,
    logger,
    onRefused,
  })
  await server.listen()
  stops.push(() => server.close())
  const shown: TLSSocket[] = []
  const judge = checker.tls.judge.bind(checker.tls)
  checker.tls.judge = (socket, nowMs) => {
    if (socket instanceof TLSSocket && !shown.includes(socket)) shown.push(socket)
    return judge(socket, nowMs)
  }
  const feed = new LocalFeed()
  const client = new FrameClient({ feed, tls: reader.tls, outputs: false, clock, logger, onRefused })
  let frames = 0
  client.subscribe(() => {
    frames += 1
  })
  feed.publish({
    revision: 1,
    configuration: siteWithCheckers([{ name: 'ams-1', address: HOST, port: server.port }]),
  })
  client.start()
  stops.push(() => {
    client.stop()
  })
  const speaker = new ReportingChecker('ams-1', 'ams')
  server.send(speaker.snapshot())
  await expect.poll(() => frames, { timeout: 10_000 }).toBeGreaterThan(0)
  for (const offer of [both, promoted])
    for (const { believed } of [checker, reader]) await believed.take(offer)
  for (const one of [checker, reader]) await one.renew(b)
  expect(shown).toHaveLength(1)
  for (const { believed } of [checker, reader]) await believed.take(retired)
  const [old] = shown
  expect([judge(old!).kind, judge(old!, Date.now() + 60_000)]).toMatchObject([
    'known',
    { kind: 'refused', reason: 'the authority of its certificate was retired' },
  ])
  const before = frames
  reader.tls.revocations.replace([])
  await expect.poll(() => frames, { timeout: 10_000 }).toBeGreaterThan(before)
  expect(shown.map((socket) => judge(socket))).toMatchObject([
    {},
    { kind: 'known', authority: b.fingerprint },
  ])
  expect(refusals).toEqual([])
  expect(lines.join('')).not.toContain('is not heard')
})
