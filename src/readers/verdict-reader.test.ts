import { describe, expect, it } from 'vitest'
import type { Frame } from '../core/health/frame.ts'
import { ReportingChecker } from '../core/health/testing/reporting-checker.ts'
import { DEFAULT_TIMES, type SavedVerdict } from '../core/health/verdict-book.ts'
import { applyChanges, configurationOf, type Configuration } from '../core/model/configuration.ts'
import { definitionsOf } from '../core/health/definition.ts'
import { monitorSchema } from '../core/model/monitor.ts'
import { endpointSchema } from '../core/model/pool.ts'
import { siteSchema } from '../core/model/site.ts'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { LocalFrames } from '../adapters/transport/local-frames.ts'
import type { Clock } from '../ports/clock.ts'
import { VerdictReader, type VerdictListener } from './verdict-reader.ts'

/** A clock that a test moves; it calls what is due, in order of time. */
class HandClock implements Clock {
  nowMs = 5_000
  readonly #due = new Set<{ atMs: number; callback: () => void }>()

  monotonicMs(): number {
    return this.nowMs
  }

  wallMs(): number {
    return 0
  }

  after(delayMs: number, callback: () => void): () => void {
    const entry = { atMs: this.nowMs + delayMs, callback }
    this.#due.add(entry)
    return () => this.#due.delete(entry)
  }

  get waiting(): number {
    return this.#due.size
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      const [next] = [...this.#due].filter((entry) => entry.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)
      if (next === undefined) break
      this.#due.delete(next)
      this.nowMs = next.atMs
      next.callback()
    }
    this.nowMs = endMs
  }
}

const KEY = 'web/a'
const configuration: Configuration = configurationOf([
  { kind: 'monitor', key: 'tcp', spec: monitorSchema.parse({ kind: 'tcp', name: 'tcp' }) },
  { kind: 'pool', key: 'web', spec: { name: 'web', monitors: ['tcp'] } },
  {
    kind: 'endpoint',
    key: KEY,
    spec: endpointSchema.parse({ name: 'a', address: '192.0.2.1', port: 80, site: 'ams' }),
  },
])
const definition = definitionsOf(configuration).get(KEY) ?? ''

function setUp(saved: readonly SavedVerdict[] = []) {
  const feed = new LocalFeed()
  const frames = new LocalFrames()
  const clock = new HandClock()
  const reader = new VerdictReader({ feed, frames, clock, times: DEFAULT_TIMES, saved, keepsOutput: true })
  const log: string[] = []
  const listener: VerdictListener = {
    onTransitions: (transitions) => {
      for (const { endpoint, to } of transitions)
        log.push(`${endpoint} ${to.state} ${reader.book.verdict(endpoint)?.state ?? ''}`)
    },
    onConfiguration: ({ revision }) => {
      log.push(`revision ${revision}, ${reader.book.size} endpoints`)
    },
    onAlarm: ({ kind, about }) => {
      log.push(`alarm ${kind} ${about}`)
    },
  }
  const checker = new ReportingChecker('c1', 'ams')
  const say = (state: 'up' | 'down'): Frame => checker.report(KEY, state, { definition })
  return { feed, frames, clock, reader, log, listener, checker, say }
}

describe('VerdictReader', () => {
  it('hands on the configuration first, then what votes change, the book already holding both', () => {
    const { feed, frames, reader, log, listener, say } = setUp()
    feed.publish({ revision: 1, configuration })
    reader.start(listener)
    frames.send(say('up'))
    frames.send(say('down'))
    expect(log).toEqual(['revision 1, 1 endpoints', 'web/a up up', 'web/a down down'])
    expect(reader.snapshot?.revision).toBe(1)
  })

  it('a frame that came before the configuration counts as soon as the configuration is there', () => {
    const { feed, frames, reader, log, listener, say } = setUp()
    reader.start(listener)
    frames.send(say('up'))
    expect([log, reader.snapshot]).toEqual([[], null])
    feed.publish({ revision: 1, configuration })
    expect(log).toEqual(['revision 1, 1 endpoints', 'web/a up up'])
  })

  it('a gap asks for a snapshot, once for each frame until it comes', () => {
    const { feed, frames, reader, log, listener, checker, say } = setUp()
    feed.publish({ revision: 1, configuration })
    let asked = 0
    frames.onSnapshotRequest(() => {
      asked += 1
      return checker.snapshot()
    })
    say('up')
    reader.start(listener)
    frames.send(checker.heartbeat())
    expect(asked).toBe(1)
    expect(log.at(-1)).toBe('web/a up up')
    frames.send(checker.heartbeat())
    expect(asked).toBe(1)
  })

  it('what only time changes is found within a second: an up that settled falls', () => {
    const { feed, frames, clock, reader, log, listener, checker, say } = setUp([
      { endpoint: KEY, state: 'up', degraded: false, lastUp: 0 },
    ])
    feed.publish({ revision: 1, configuration })
    reader.start(listener)
    frames.send(say('down'))
    for (let second = 0; second < 9; second += 1) {
      clock.advance(1_000)
      frames.send(checker.heartbeat())
    }
    expect(log).toEqual(['revision 1, 1 endpoints'])
    clock.advance(1_000)
    expect(log.at(-1)).toBe('web/a down down')
  })

  it('a new configuration replaces the endpoints', () => {
    const { feed, frames, reader, log, listener, say } = setUp()
    feed.publish({ revision: 1, configuration })
    reader.start(listener)
    frames.send(say('up'))
    feed.publish({ revision: 2, configuration: configurationOf([]) })
    expect(log.at(-1)).toBe('revision 2, 0 endpoints')
    expect(reader.book.verdict(KEY)).toBeUndefined()
  })

  it('the sites that have checkers are those that vote, heard or not; one that the configuration drops leaves', () => {
    const { feed, frames, reader, log, listener, say } = setUp()
    const withSites = (...names: string[]): Configuration =>
      applyChanges(
        configuration,
        names.map((name) => {
          const checkers = [{ name: `${name}-1`, address: '192.0.2.7', port: 7_000 }]
          return { op: 'put', kind: 'site', key: name, spec: siteSchema.parse({ name, checkers }) }
        }),
      )
    feed.publish({ revision: 1, configuration: withSites('ams', 'fra', 'lon') })
    reader.start(listener)
    frames.send(say('up'))
    expect(reader.book.verdict(KEY)).toMatchObject({ state: 'unknown', quorum: { down: 2, up: 2 } })
    feed.publish({ revision: 2, configuration: withSites('ams') })
    expect(log.at(-1)).toBe('web/a up up')
    expect(reader.book.verdict(KEY)?.quorum).toEqual({ down: 1, up: 1 })
  })

  it('tells an alarm once, when it begins, within a second', () => {
    const { feed, frames, clock, reader, log, listener, checker, say } = setUp()
    feed.publish({ revision: 1, configuration })
    reader.start(listener)
    frames.send(say('up'))
    const spec = monitorSchema.parse({ kind: 'tcp', name: 'tcp', fall: 5 })
    const changed = applyChanges(configuration, [{ op: 'put', kind: 'monitor', key: 'tcp', spec }])
    feed.publish({ revision: 2, configuration: changed })
    const under = { definition: definitionsOf(changed).get(KEY) ?? '' }
    frames.send(checker.report(KEY, 'down', under))
    clock.advance(5_000)
    expect(log.filter((line) => line.startsWith('alarm'))).toEqual(['alarm definition tcp'])
    expect(reader.book.standing(KEY)?.state).toBe('up')
    frames.send(checker.report(KEY, 'up', under))
    clock.advance(1_000)
    expect(reader.book.alarms()).toEqual([])
  })

  it('stop ends it: no subscription, no timer, not even when the listener stops it from within a tick', () => {
    const { feed, frames, clock, reader, log, listener, checker, say } = setUp([
      { endpoint: KEY, state: 'up', degraded: false, lastUp: 0 },
    ])
    feed.publish({ revision: 1, configuration })
    let stopped = false
    reader.start({
      ...listener,
      onTransitions: () => {
        stopped = true
        reader.stop()
      },
    })
    frames.send(say('down'))
    for (let second = 0; second < 12; second += 1) {
      clock.advance(1_000)
      frames.send(checker.heartbeat())
    }
    expect([stopped, clock.waiting]).toEqual([true, 0])
    feed.publish({ revision: 2, configuration })
    frames.send(say('up'))
    expect(log).toEqual(['revision 1, 1 endpoints'])
  })
})
