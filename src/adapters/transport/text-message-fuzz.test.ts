/** Messages of the feed and reports, as a fault or somebody who means harm would make them: a new seed each time, in the test's name. */
import { expect, it } from 'vitest'
import { configurationOf } from '../../core/model/configuration.ts'
import { monitorSchema } from '../../core/model/monitor.ts'
import { endpointSchema } from '../../core/model/pool.ts'
import type { Resource } from '../../core/model/resource.ts'
import { parseFeedMessage, snapshotText } from './feed-message.ts'
import { nextFeedState, snapshotOf, type FeedState } from './feed-state.ts'
import type { PeerIdentity } from '../../core/model/peer-identity.ts'
import { parseReport } from './report-message.ts'
import { mutate, randomOf } from './testing/mutate.ts'
import { WireFault } from './wire-fault.ts'

const seed = Math.floor(Math.random() * 2 ** 31)

const endpoint = endpointSchema.parse({ name: 'a', address: '192.0.2.1', port: 80, site: 'ams' })
const resources: readonly Resource[] = [
  { kind: 'monitor', key: 'web', spec: monitorSchema.parse({ kind: 'http', name: 'web' }) },
  { kind: 'pool', key: 'p', spec: { name: 'p', monitors: ['web'] } },
  { kind: 'endpoint', key: 'p/a', spec: endpoint },
]

/** Mutated texts, with what is good among them unchanged now and then. */
function* mutations(texts: readonly string[], count: number): Generator<string> {
  const random = randomOf(seed)
  const lines = texts.map((text) => Buffer.from(text))
  for (let round = 0; round < count; round += 1) {
    const line = lines[round % lines.length]!
    const mutated = random(20) === 0 ? line : mutate(line, lines[random(lines.length)]!, random)
    yield Buffer.from(mutated).toString('utf8')
  }
}

it(`30,000 mutated messages of the feed (seed ${seed}): what is taken is known here, and nothing of a bad one is`, () => {
  const state: FeedState = { revision: 7, changeSet: 'c7', configuration: configurationOf(resources) }
  const before = JSON.stringify(snapshotOf(state))
  const texts = [
    snapshotText({ revision: 8, changeSet: 'c8', resources }),
    JSON.stringify({ kind: 'resumed', revision: 7 }),
    JSON.stringify({
      ...{ kind: 'delta', revision: 8, changeSet: 'c8' },
      changes: [
        { op: 'delete', kind: 'endpoint', key: 'p/a' },
        { op: 'put', ...resources[1] },
      ],
    }),
    JSON.stringify({ kind: 'heartbeat', head: 8 }),
  ]
  const count = { good: 0, bad: 0 }
  for (const text of mutations(texts, 30_000)) {
    try {
      const next = nextFeedState(state, parseFeedMessage(text))
      expect([7, 8]).toContain(next?.revision)
      count.good += 1
    } catch (error) {
      // Whatever it is, the connection ends for it: a message, and no defect of ours.
      if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error
      count.bad += 1
    }
  }
  expect(JSON.stringify(snapshotOf(state))).toBe(before)
  expect(Math.min(count.good, count.bad)).toBeGreaterThan(500)
})

it(`30,000 mutated reports (seed ${seed}): one of the node that sends it, or a fault`, () => {
  const from: PeerIdentity = { role: 'nameserver', site: 'fra', name: 'ns1' }
  const dnsServer = {
    ...{ state: 'running', address: '127.0.0.1', port: 53, pid: 7, restarts: 0, version: '4.7', detail: '' },
  }
  const texts = [
    JSON.stringify({
      kind: 'nameserver',
      report: { name: 'ns1', site: 'fra', revision: 8, ready: true, dnsServer, unpublishedForMs: null },
    }),
    JSON.stringify({
      kind: 'published',
      answers: [
        {
          ...{ name: 'www.example.test', zone: 'example.test', type: 'A', values: ['192.0.2.1'] },
          ...{ ttlSec: 5, serial: 3, writtenAtMs: 1, readBackAtMs: null },
        },
      ],
    }),
    JSON.stringify({ kind: 'withdrawn', names: ['www.example.test'] }),
    JSON.stringify({ kind: 'event', event: { kind: 'alarm', atMs: 1, source: 'somebody', message: 'm' } }),
  ]
  const count = { good: 0, bad: 0 }
  for (const text of mutations(texts, 30_000)) {
    try {
      const report = parseReport(text, from)
      if (report.kind === 'nameserver') expect(report.report).toMatchObject({ name: 'ns1', site: 'fra' })
      if (report.kind === 'event' && report.event.kind === 'alarm')
        expect(report.event.source).toBe('nameserver fra/ns1')
      expect(report.kind).not.toBe('checker')
      count.good += 1
    } catch (error) {
      if (!(error instanceof WireFault)) throw error
      count.bad += 1
    }
  }
  expect(Math.min(count.good, count.bad)).toBeGreaterThan(500)
})
