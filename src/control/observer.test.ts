import { expect, it } from 'vitest'
import { systemClock as clock } from '../adapters/clock/system-clock.ts'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { LocalFrames } from '../adapters/transport/local-frames.ts'
import { ReportingChecker } from '../core/health/testing/reporting-checker.ts'
import { DEFAULT_TIMES } from '../core/health/verdict-book.ts'
import { emptyConfiguration } from '../core/model/configuration.ts'
import type { NameserverReport, PublishedAnswer } from '../ports/report.ts'
import { loadSteering } from '../readers/load-steering.ts'
import { VerdictReader } from '../readers/verdict-reader.ts'
import { EventLog } from './event-log.ts'
import { checkerViews, nameserverViews } from './health-views.ts'
import { createMetrics } from './metrics.ts'
import { Observer } from './observer.ts'
import { readMetrics } from './read-metrics.ts'
import { statusOf } from './status.ts'

function published(name: string, type: 'A' | 'AAAA', address: string): PublishedAnswer {
  const times = { writtenAtMs: 1, readBackAtMs: 2 }
  return { name, zone: 'example.test', type, values: [address], ttlSec: 30, serial: 1, ...times }
}

async function observing() {
  const feed = new LocalFeed()
  const reader = new VerdictReader({
    ...{ feed, frames: new LocalFrames(), clock, times: DEFAULT_TIMES, saved: [], keepsOutput: true },
  })
  const metrics = createMetrics()
  const observer = new Observer({
    ...{ clock, reader, log: new EventLog(clock), metrics },
    steering: await loadSteering({
      ...{ book: reader.book, clock, onAlarm: () => undefined },
      storage: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
    }),
    latches: {
      heard: () => undefined,
      lone: () => [{ loadBalancer: 'www.example.test', nameserver: 'fra/ns1', pools: ['spare'] }],
    },
    history: { add: () => undefined },
    ...{ name: 'control-1', times: DEFAULT_TIMES },
  })
  return { observer, feed, metrics }
}

function reported(site: string, state: 'running' | 'down'): NameserverReport {
  const server = { address: '127.0.0.1', port: 53, pid: 1, restarts: 0, version: null, detail: `of ${site}` }
  return {
    ...{ name: 'ns1', site, revision: 1, ready: true, unpublishedForMs: null, heldEndpoints: 1 },
    ...{ dnsServer: { ...server, state }, verdictDigest: '0123456789abcdef' },
    traffic: {
      ...{ atMs: 1_000, queries: 10, latencyUs: 1, cacheHits: 0, cacheMisses: 0, responses: {} },
    },
  }
}

it('nameservers of one name at two sites are two, wherever they are shown', async () => {
  const { observer, feed, metrics } = await observing()
  feed.publish({ revision: 1, configuration: emptyConfiguration() })
  observer.start()
  observer.nameserver(reported('ams', 'down'))
  observer.nameserver(reported('fra', 'running'))
  const later = { ...reported('ams', 'down').traffic!, atMs: 2_000, queries: 30 }
  observer.nameserver({ ...reported('ams', 'down'), traffic: later })
  const { nameservers, alarms } = statusOf(observer, { version: '', limit: 0 })
  expect(nameservers).toMatchObject([
    { name: 'ns1', site: 'ams', dnsServer: { state: 'down' }, queriesPerSec: 20 },
    { name: 'ns1', site: 'fra', dnsServer: { state: 'running' } },
  ])
  expect(nameservers[1]?.queriesPerSec).toBeUndefined()
  expect(alarms).toEqual([
    'the DNS server of nameserver ams/ns1 is down: of ams',
    "load balancer www.example.test is latched on pool spare at nameserver fra/ns1 alone: answers differ until 'fairlead failback www.example.test'",
    expect.stringMatching(/^nameserver ams\/ns1 answers with 1 endpoints that are down/) as unknown,
    expect.stringMatching(/^nameserver fra\/ns1 answers with 1 endpoints that are down/) as unknown,
  ])
  expect(nameserverViews(observer)).toMatchObject([
    { site: 'ams', agrees: true },
    { site: 'fra', agrees: true },
  ])
  const { text } = await readMetrics({ metrics, observer, streams: { size: 0 } })
  expect(text).toContain('fairlead_nameserver_up{nameserver="ns1",site="ams"} 0')
  expect(text).toContain('fairlead_nameserver_up{nameserver="ns1",site="fra"} 1')
  observer.stop()
})

it('a checker that was taken out of the configuration is waited for until its lease ends, and no longer', async () => {
  const { observer, feed } = await observing()
  const checkers = ['ck1', 'ck2'].map((name) => ({ name, address: '192.0.2.1', port: 7_000 }))
  const siteOf = (...named: typeof checkers) =>
    new Map([['ams', { name: 'ams', enabled: true, checkers: named, canaries: [] }]])
  feed.publish({ revision: 1, configuration: { ...emptyConfiguration(), site: siteOf(...checkers) } })
  observer.start()
  const { book } = observer.reader
  const longAgoMs = clock.monotonicMs() - 2 * DEFAULT_TIMES.leaseMs
  for (const { name } of checkers) book.hear(new ReportingChecker(name, 'ams').heartbeat(), longAgoMs)
  const silent = () =>
    statusOf(observer, { version: '', limit: 0 }).alarms.filter((text) => text.includes('ck2'))
  expect(silent()).toEqual([expect.stringMatching(/^checker ck2 has not been heard for/) as unknown])
  feed.publish({ revision: 2, configuration: { ...emptyConfiguration(), site: siteOf(checkers[0]!) } })
  expect(silent()).toEqual([])
  expect(checkerViews(observer).map(({ checker }) => checker)).toEqual(['ck1'])
  observer.stop()
})

it('a type that a later publication of the name no longer holds is answered no more; other names stay', async () => {
  const { observer } = await observing()
  const [www, api] = ['www.example.test', 'api.example.test']
  observer.published([
    published(www, 'A', '192.0.2.1'),
    published(api, 'AAAA', '2001:db8::2'),
    published(www, 'AAAA', '2001:db8::1'),
  ])
  expect(observer.publication(www, 'AAAA')?.values).toEqual(['2001:db8::1'])
  observer.published([published(www, 'A', '192.0.2.9')])
  expect(observer.publication(www, 'A')?.values).toEqual(['192.0.2.9'])
  expect(observer.publication(www, 'AAAA')).toBeNull()
  expect(observer.publication(api, 'AAAA')?.values).toEqual(['2001:db8::2'])
  observer.withdrawn([api])
  expect(observer.publication(api, 'AAAA')).toBeNull()
})
