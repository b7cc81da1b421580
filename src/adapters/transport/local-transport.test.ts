import { describe, expect, it } from 'vitest'
import type { Frame } from '../../core/health/frame.ts'
import { ReportingChecker } from '../../core/health/testing/reporting-checker.ts'
import { emptyConfiguration } from '../../core/model/configuration.ts'
import { LocalFeed } from './local-feed.ts'
import { LocalFrames } from './local-frames.ts'

const snapshot = (revision: number) => ({ revision, configuration: emptyConfiguration() })

describe('LocalFeed', () => {
  it('gives the current snapshot at once and each later one, in order, until the subscription ends', () => {
    const feed = new LocalFeed()
    const early: number[] = []
    const late: number[] = []
    expect(feed.current()).toBeNull()
    const end = feed.subscribe(({ revision }) => early.push(revision))
    feed.publish(snapshot(1))
    feed.subscribe(({ revision }) => late.push(revision))
    feed.publish(snapshot(2))
    end()
    feed.publish(snapshot(3))
    expect([early, late]).toEqual([
      [1, 2],
      [1, 2, 3],
    ])
    expect(feed.current()?.revision).toBe(3)
  })

  it('keeps the order for everyone when a listener publishes', () => {
    const feed = new LocalFeed()
    const seen: number[] = []
    feed.subscribe(({ revision }) => {
      if (revision === 1) feed.publish(snapshot(2))
    })
    feed.subscribe(({ revision }) => seen.push(revision))
    feed.publish(snapshot(1))
    expect(seen).toEqual([1, 2])
  })

  it('never goes back: an older revision is not handed on', () => {
    const feed = new LocalFeed()
    const seen: number[] = []
    feed.subscribe(({ revision }) => seen.push(revision))
    feed.publish(snapshot(2))
    feed.publish(snapshot(1))
    expect([seen, feed.current()?.revision]).toEqual([[2], 2])
  })
})

describe('a reader of the feed that throws', () => {
  it('keeps no snapshot from the others, the next ones neither, and is not the fault of who publishes', () => {
    const errors: unknown[] = []
    const feed = new LocalFeed((error) => errors.push(error))
    const [failing, other]: [number[], number[]] = [[], []]
    feed.subscribe(({ revision }) => {
      failing.push(revision)
      if (revision === 1) throw new Error('broken reader')
    })
    feed.subscribe(({ revision }) => other.push(revision))
    for (const revision of [1, 2, 3]) feed.publish(snapshot(revision))
    expect([failing, other]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(feed.current()?.revision).toBe(3)
    expect(errors).toEqual([new Error('broken reader')])
  })
})

describe('LocalFrames', () => {
  it('brings every frame to every reader, in the same turn, until the subscription ends', () => {
    const frames = new LocalFrames()
    const one: Frame[] = []
    const two: Frame[] = []
    const end = frames.subscribe((frame) => one.push(frame))
    frames.subscribe((frame) => two.push(frame))
    const checker = new ReportingChecker('c1')
    const sent = [checker.heartbeat(), checker.heartbeat()]
    frames.send(sent[0]!)
    end()
    frames.send(sent[1]!)
    expect([one, two]).toEqual([[sent[0]], sent])
  })

  it('a reader that throws keeps the frame from nobody else, and not from the checker', () => {
    const errors: unknown[] = []
    const frames = new LocalFrames((error) => errors.push(error))
    const seen: Frame[] = []
    frames.subscribe(() => {
      throw new Error('broken reader')
    })
    frames.subscribe((frame) => seen.push(frame))
    frames.send(new ReportingChecker('c1').heartbeat())
    expect(seen).toHaveLength(1)
    expect(errors).toEqual([new Error('broken reader')])
  })

  it('a request for a snapshot is answered to everyone, and by nothing when no checker is there', () => {
    const frames = new LocalFrames()
    const seen: Frame[] = []
    frames.subscribe((frame) => seen.push(frame))
    frames.requestSnapshot()
    expect(seen).toEqual([])
    const checker = new ReportingChecker('c1')
    frames.onSnapshotRequest(() => checker.snapshot())
    frames.requestSnapshot()
    expect(seen).toMatchObject([{ snapshot: true, sequence: 1 }])
  })
})
