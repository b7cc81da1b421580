import { expect, it } from 'vitest'
import { systemClock as clock } from '../adapters/clock/system-clock.ts'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { LocalFrames } from '../adapters/transport/local-frames.ts'
import { DEFAULT_TIMES } from '../core/health/verdict-book.ts'
import type { PublishedAnswer } from '../ports/report.ts'
import { loadSteering } from '../readers/load-steering.ts'
import { VerdictReader } from '../readers/verdict-reader.ts'
import { EventLog } from './event-log.ts'
import { createMetrics } from './metrics.ts'
import { Observer } from './observer.ts'

function published(name: string, type: 'A' | 'AAAA', address: string): PublishedAnswer {
  const times = { writtenAtMs: 1, readBackAtMs: 2 }
  return { name, zone: 'example.test', type, values: [address], ttlSec: 30, serial: 1, ...times }
}

it('a type that a later publication of the name no longer holds is answered no more; other names stay', async () => {
  const reader = new VerdictReader({
    ...{
      feed: new LocalFeed(),
      frames: new LocalFrames(),
      clock,
      times: DEFAULT_TIMES,
      saved: [],
      keepsOutput: true,
    },
  })
  const observer = new Observer({
    ...{ clock, reader, log: new EventLog(clock), metrics: createMetrics() },
    steering: await loadSteering({
      ...{ book: reader.book, clock, onAlarm: () => undefined },
      storage: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
    }),
    latches: { heard: () => undefined },
  })
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
