import { expect, it } from 'vitest'
import type { OwnerRecords } from '../../core/dns/record-set.ts'
import type { StorageChange, WriteResult } from '../../ports/zone-storage.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { FrontFeed } from './front-feed.ts'

const RECORDS: OwnerRecords = [
  { name: 'www.test', type: 'A', ttlSec: 30, kind: 'plain', values: ['192.0.2.1'] },
]

interface Rig {
  readonly feed: FrontFeed<string>
  readonly clock: ManualClock
  /** What the table has been given, with what it could not write added to the next. */
  readonly table: Map<string, string>
  readonly alarms: string[]
  fault: Error | null
  isServed: boolean
}

function rig(): Rig {
  const missing = new Map<string, string | null>()
  const made: Omit<Rig, 'feed'> = {
    ...{ clock: new ManualClock(), table: new Map<string, string>(), alarms: [] as string[] },
    ...{ fault: null, isServed: true },
  }
  const feed = new FrontFeed<string>({
    isBalancer: (name) => name !== 'static.test',
    isSigned: () => false,
    entryOf: (set) => (set.kind === 'plain' ? `count ${set.values.join()}` : 'answer'),
    isKept: (entry) => entry.startsWith('count'),
    unkept: 'pass',
    isServed: () => rigged.isServed,
    clock: made.clock,
    onAlarm: (message) => rigged.alarms.push(message),
    set: (changes) => {
      for (const [key, entry] of changes) missing.set(key, entry)
      if (rigged.fault !== null) throw rigged.fault
      for (const [key, entry] of missing) {
        if (entry === null) rigged.table.delete(key)
        else rigged.table.set(key, entry)
      }
      missing.clear()
    },
  })
  const rigged: Rig = Object.assign(made, { feed })
  return rigged
}

function commit({ feed }: Rig, records: OwnerRecords = RECORDS, name = 'www.test'): void {
  const change = {
    zones: [{ zone: { name: 'test' }, owners: new Map([[name, records]]), scope: 'change' }],
    removedZones: [],
  } as unknown as StorageChange
  const result = { refused: [], written: [{ zone: 'test', owners: [name] }] } as unknown as WriteResult
  feed.committed(change, result)
}

it('keeps nothing of an answer that has just changed, and all of it again after a moment', async () => {
  const made = rig()
  commit(made)
  expect(made.table.get('www.test A')).toBe('pass')
  await made.clock.advance(1_499)
  expect(made.table.get('www.test A')).toBe('pass')
  await made.clock.advance(1)
  expect(made.table.get('www.test A')).toBe('count 192.0.2.1')
})

it('keeps nothing of an answer that is gone, for a moment', async () => {
  const made = rig()
  commit(made)
  await made.clock.advance(1_500)
  commit(made, [])
  expect(made.table.get('www.test A')).toBe('pass')
  await made.clock.advance(1_500)
  expect(made.table.size).toBe(0)
})

it('has no entry for a name that is no load balancer', () => {
  const made = rig()
  commit(made, RECORDS, 'static.test')
  expect(made.table.size).toBe(0)
})

it.each([
  [
    'the server behind is gone',
    (made: Rig) => {
      made.feed.keepAgain()
    },
  ],
  [
    'it stops, for dnsdist may be left running',
    (made: Rig) => {
      made.feed.stop()
    },
  ],
])('keeps it at once when %s', (_why, happens) => {
  const made = rig()
  commit(made)
  happens(made)
  expect(made.table.get('www.test A')).toBe('count 192.0.2.1')
})

it('keeps a change that comes while no server is there to give what is not kept', () => {
  const made = rig()
  made.isServed = false
  commit(made)
  expect(made.table.get('www.test A')).toBe('count 192.0.2.1')
})

it('tells once of a table that cannot be written, and writes it when it can', async () => {
  const made = rig()
  made.fault = new Error('ENOSPC: no space left on device, write')
  commit(made)
  await made.clock.advance(10_000)
  expect(made.table.size).toBe(0)
  expect(made.alarms).toEqual([
    'the table of dnsdist could not be written, what it answers itself stays as it was: ENOSPC: no space left on device, write',
  ])
  made.fault = null
  await made.clock.advance(1_000)
  expect(made.table.get('www.test A')).toBe('count 192.0.2.1')
  made.fault = new Error('again')
  commit(made, [])
  expect(made.alarms).toHaveLength(2)
})

it('tries no more once it has stopped', async () => {
  const made = rig()
  made.fault = new Error('full')
  commit(made)
  made.feed.stop()
  made.fault = null
  await made.clock.advance(10_000)
  expect(made.table.size).toBe(0)
})
