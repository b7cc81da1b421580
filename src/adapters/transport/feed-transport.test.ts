/** The feed from control to node over real mutual TLS, from a real store, with the node's real disk. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyChanges, configurationOf } from '../../core/model/configuration.ts'
import type { Change } from '../../core/model/resource.ts'
import type { ConfigurationSnapshot } from '../../ports/feed.ts'
import type { Refusal } from '../../ports/refusals.ts'
import type { NodeReport, PublishedAnswer } from '../../ports/report.ts'
import type { Store } from '../../ports/store.ts'
import { systemClock } from '../clock/system-clock.ts'
import { openSqliteStore } from '../sql/sqlite-store.ts'
import { askControl } from './ask-control.ts'
import { FeedClient } from './feed-client.ts'
import { FeedFile } from './feed-file.ts'
import { LocalFeed } from './local-feed.ts'
import { NodeServer } from './node-server.ts'
import { RemoteReporter } from './remote-reporter.ts'
import { NO_TRUST } from './testing/no-trust.ts'
import { TransportRig } from './testing/transport-rig.ts'

const logger = pino({ level: 'silent' })
const clock = systemClock
const ABOUT = { author: 'test', from: 'test', atMs: 1, message: '' }
const rig = new TransportRig()
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-feed-'))
  rig.stops.push(() => {
    rmSync(folder, { recursive: true })
  })
})
afterEach(() => rig.cleanUp())
afterAll(() => {
  rig.dispose()
})

/** A control as its nodes see it: a store, what is in force, and the server. */
async function startControl({ path = join(folder, 'store.sqlite'), port = 0 } = {}) {
  const store = await openSqliteStore({ path })
  const feed = new LocalFeed()
  const load = async () => {
    const { revision, resources } = await store.load()
    feed.publish({ revision, configuration: configurationOf(resources.map((one) => one.resource)) })
  }
  await load()
  const reports: NodeReport[] = []
  const refusals: Refusal[] = []
  const server = new NodeServer({
    listen: { host: '127.0.0.1', port },
    tls: rig.identity('fairlead://control/c1'),
    ...{ feed, store, refresh: load, clock, logger, trust: NO_TRUST },
    onRefused: (what) => refusals.push(what),
    onReport: (report) => reports.push(report),
    instance: String(Math.random()),
  })
  await server.listen()
  let closed: Promise<void> | null = null
  const stop = () => (closed ??= server.close().then(() => store.close()))
  rig.stops.push(stop)
  return { store, feed, server, reports, refusals, stop, put: (name: string) => put(store, feed, name) }
}

async function put(store: Store, feed: LocalFeed, name: string): Promise<number> {
  const before = feed.current()!
  const changes: Change[] = [
    { op: 'put', kind: 'site', key: name, spec: { name, checkers: [], canaries: [] } },
  ]
  const about = { ...ABOUT, id: `${name}-${Math.random()}`, baseRevision: before.revision }
  const outcome = await store.commit({ ...about, changes })
  if (outcome.kind !== 'committed') throw new Error(outcome.kind)
  const configuration = applyChanges(before.configuration, changes)
  feed.publish({ revision: outcome.revision.number, configuration })
  return outcome.revision.number
}

async function startNode(ports: readonly number[], path = join(folder, 'feed.json')) {
  const alarms: string[] = []
  const onAlarm = (message: string) => alarms.push(message)
  const file = new FeedFile({ path, clock, onDamaged: onAlarm })
  const controls = ports.map((port) => ({ host: '127.0.0.1', port }))
  const tls = rig.identity('fairlead://nameserver/ams/ns1')
  const client = new FeedClient({ controls, tls, file, clock, logger, onAlarm })
  const seen: ConfigurationSnapshot[] = []
  const waiting: (() => void)[] = []
  client.subscribe((snapshot) => {
    seen.push(snapshot)
    for (const wake of waiting.splice(0)) wake()
  })
  await client.start()
  let stopped: Promise<void> | null = null
  const stop = () => (stopped ??= client.stop())
  rig.stops.push(stop)
  const until = async (revision: number): Promise<ConfigurationSnapshot> => {
    for (;;) {
      const found = seen.find((snapshot) => snapshot.revision === revision)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  return { client, seen, alarms, until, stop, path }
}

const sitesOf = ({ configuration }: ConfigurationSnapshot) => [...configuration.site.keys()]

describe('the feed', () => {
  it('is a snapshot, then each revision, and after a break only what is new', async () => {
    const control = await startControl()
    await control.put('ams')
    const node = await startNode([control.server.port])
    expect(sitesOf(await node.until(1))).toEqual(['ams'])
    await control.put('fra')
    await control.put('lon')
    expect(sitesOf(await node.until(3))).toEqual(['ams', 'fra', 'lon'])
    await node.stop()
    await control.put('par')
    const again = await startNode([control.server.port])
    await again.until(4)
    // The disk first, because the control knew revision 3; then the one delta.
    expect(again.seen.map(({ revision }) => revision)).toEqual([3, 4])
    expect(again.client.source).toBe('connected')
  })

  it('comes from the disk when no control answers, and from a control again when one does', async () => {
    const control = await startControl()
    await control.put('ams')
    const { port } = control.server
    const first = await startNode([port])
    await first.until(1)
    await first.stop()
    await control.stop()
    const node = await startNode([port])
    await node.until(1)
    expect(node.client.source).toBe('disk')
    const back = await startControl({ port })
    await back.put('fra')
    await node.until(2)
    expect(node.client.source).toBe('connected')
  })

  it('a damaged file is set aside, said, and fetched again', async () => {
    const control = await startControl()
    await control.put('ams')
    const path = join(folder, 'feed.json')
    const first = await startNode([control.server.port])
    await first.until(1)
    await first.stop()
    const text = readFileSync(path, 'utf8')
    for (const damaged of [text.replace('ams', 'fra'), text.slice(0, -20), '', '{}', 'null']) {
      writeFileSync(path, damaged)
      const node = await startNode([control.server.port])
      expect(sitesOf(await node.until(1))).toEqual(['ams'])
      expect(node.alarms).toEqual([
        expect.stringContaining(`the saved configuration in ${path} does not verify`),
      ])
      await node.stop()
      expect(readFileSync(path, 'utf8')).toBe(text)
    }
    expect(readdirSync(folder).some((name) => name.startsWith('feed.json.damaged-'))).toBe(true)
  })

  it('goes on from another control of the same store, which may not have looked yet', async () => {
    const one = await startControl()
    const other = await startControl()
    const node = await startNode([one.server.port])
    await one.put('ams')
    await node.until(1)
    node.client.setControls([{ host: '127.0.0.1', port: other.server.port }])
    await expect.poll(() => other.feed.current()?.revision).toBe(1)
    await other.put('fra')
    expect(sitesOf(await node.until(2))).toEqual(['ams', 'fra'])
    expect(node.alarms).toEqual([])
  })

  it('is a whole snapshot where the history is another one, and that is said when it goes back', async () => {
    const control = await startControl()
    await control.put('ams')
    await control.put('fra')
    const node = await startNode([control.server.port])
    await node.until(2)
    await node.stop()
    const restored = await startControl({ path: join(folder, 'restored.sqlite') })
    await restored.put('lon')
    const again = await startNode([restored.server.port])
    await again.until(1)
    expect(sitesOf(again.client.current()!)).toEqual(['lon'])
    expect(again.alarms).toEqual([expect.stringContaining('the store went back')])
  })

  it('is refused to a checker that the revision which it asks for has at another site', async () => {
    const control = await startControl()
    await control.put('ams')
    const checkers = [{ name: 'c9', address: '192.0.2.1', port: 7_000 }]
    const moved: Change[] = [
      { op: 'put', kind: 'site', key: 'fra', spec: { name: 'fra', checkers, canaries: [] } },
    ]
    await control.store.commit({ ...ABOUT, id: 'moved', baseRevision: 1, changes: moved })
    const asked = askControl({
      ...{ to: { host: '127.0.0.1', port: control.server.port }, method: 'GET' },
      ...{ secure: rig.odd('URI:fairlead://checker/ams/c9'), path: '/v1/feed?revision=2&changeSet=x' },
    })
    await expect(asked).rejects.toThrow(/checker c9 at site fra, its certificate says ams/)
    expect(control.refusals).toHaveLength(1)
  })

  it('a store that does not answer stops no node: the feed comes from memory', async () => {
    const control = await startControl()
    await control.put('ams')
    await control.store.close()
    const node = await startNode([control.server.port])
    expect(sitesOf(await node.until(1))).toEqual(['ams'])
  })

  it('the next control is asked when one is away', async () => {
    const away = await startControl()
    const { port } = away.server
    await away.stop()
    const control = await startControl()
    await control.put('ams')
    const node = await startNode([port, control.server.port])
    await node.until(1)
    expect(node.client.source).toBe('connected')
  })
})

describe('reports', () => {
  const answer = (name: string): PublishedAnswer => ({
    ...{ name, zone: 'example.test', type: 'A', values: ['192.0.2.1'], ttlSec: 5, serial: 1 },
    ...{ writtenAtMs: 1, readBackAtMs: null },
  })
  const nameserver = (site = 'ams') => ({
    ...{ name: 'ns1', site, revision: 1, ready: true, unpublishedForMs: null },
    dnsServer: {
      ...{
        state: 'running' as const,
        address: '127.0.0.1',
        port: 53,
        pid: 1,
        restarts: 0,
        version: '4.7',
        detail: '',
      },
    },
  })

  function startReporter(ports: readonly number[]) {
    const controls = ports.map((port) => ({ host: '127.0.0.1', port }))
    const tls = rig.identity('fairlead://nameserver/ams/ns1')
    const reporter = new RemoteReporter({
      controls,
      tls,
      version: '1.2.3',
      clock,
      logger,
      onTrust: () => undefined,
    })
    rig.stops.push(() => {
      reporter.stop()
    })
    return reporter
  }

  it('reach every control; one that comes back is told everything that holds', async () => {
    const [one, other] = [await startControl(), await startControl()]
    const reporter = startReporter([one.server.port, other.server.port])
    reporter.published([answer('a.example.test'), answer('b.example.test')])
    reporter.withdrawn(['b.example.test'])
    reporter.event({ kind: 'alarm', atMs: 1, source: 'anything', message: 'once' })
    reporter.nameserver(nameserver())
    for (const control of [one, other]) {
      await expect
        .poll(() => control.reports, { timeout: 10_000 })
        .toContainEqual({ kind: 'nameserver', report: { ...nameserver(), version: '1.2.3' } })
      // Who it is from is what the certificate says.
      expect(control.reports).toContainEqual({
        kind: 'event',
        event: { kind: 'alarm', atMs: 1, source: 'nameserver ams/ns1', message: 'once' },
      })
    }
    const { port } = one.server
    await one.stop()
    const back = await startControl({ port })
    reporter.published([answer('c.example.test')])
    await expect
      .poll(() => back.reports.flatMap((report) => (report.kind === 'published' ? report.answers : [])), {
        timeout: 20_000,
      })
      .toEqual(expect.arrayContaining([answer('a.example.test'), answer('c.example.test')]))
  })

  it('of somebody else are refused', async () => {
    const control = await startControl()
    const reporter = startReporter([control.server.port])
    reporter.nameserver(nameserver('fra'))
    reporter.event({ kind: 'alarm', atMs: 1, source: 'x', message: 'never' })
    const honest = startReporter([control.server.port])
    honest.nameserver(nameserver())
    await expect.poll(() => control.reports.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(
      control.reports.filter((report) => report.kind === 'nameserver' && report.report.site === 'fra'),
    ).toEqual([])
  })

  it('never wait and never grow while a control is away', async () => {
    const away = await startControl()
    const { port } = away.server
    await away.stop()
    const reporter = startReporter([port])
    for (let index = 0; index < 10_000; index += 1) {
      reporter.published([answer('a.example.test')])
      reporter.event({ kind: 'alarm', atMs: index, source: 'x', message: 'again' })
    }
    const back = await startControl({ port })
    await expect.poll(() => back.reports.length, { timeout: 20_000 }).toBeGreaterThan(0)
    expect(back.reports.filter((report) => report.kind === 'event').length).toBeLessThanOrEqual(2_000)
  })
})
