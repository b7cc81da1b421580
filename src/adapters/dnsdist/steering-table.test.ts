import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SteeringEntry } from './steering-entry.ts'
import { SteeringTable, type SteeringKey } from './steering-table.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-table-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const answer = (...values: string[]): SteeringEntry => ({
  kind: 'answer',
  ttlSec: 30,
  values,
  code: 'x',
  sets: [],
})
const changes = (entries: Readonly<Record<string, SteeringEntry | null>>) =>
  new Map(Object.entries(entries)) as Map<SteeringKey, SteeringEntry | null>

/** What the word says counts: the epoch, and the lines that are written. */
function counted(): { epoch: number; lines: string[] } {
  const word = readFileSync(join(folder, 'position'))
  const [length, epoch] = [word.readUInt32LE(0), word.readUInt32LE(4)]
  const text = epoch === 0 ? '' : readFileSync(join(folder, `table.${epoch}`), 'latin1').slice(0, length)
  return { epoch, lines: text.split('\n').filter((line) => line !== '') }
}

/** As a thread of dnsdist counts. */
function count(epoch: number, slots: readonly number[]): void {
  const bytes = Buffer.alloc(8 * slots.length)
  for (const [slot, value] of slots.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * slot)
  writeFileSync(join(folder, `counts.${epoch}.77`), bytes)
}

it('adds what changes and nothing else, and leaves what an earlier process wrote until it knows better', () => {
  const first = new SteeringTable(folder)
  first.open()
  expect(counted()).toEqual({ epoch: 0, lines: [] })
  first.set(changes({ 'a.test A': answer('192.0.2.1'), 'b.test A': { kind: 'count' } }), 'all')
  expect(counted().lines.map((line) => line.split('\t')[0])).toEqual(['trust', 'answer', 'count'])
  first.set(changes({ 'a.test A': answer('192.0.2.1') }), 'all')
  expect(counted().lines).toHaveLength(3)
  first.set(changes({ 'b.test A': null }), 'all')
  expect(counted().lines.at(-1)).toBe('gone\tb.test\t1')
  first.close()
  const second = new SteeringTable(folder)
  second.open()
  expect(counted()).toMatchObject({ epoch: 1 })
  second.set(changes({ 'c.test AAAA': { kind: 'pass' } }), ['10.0.0.0/8'])
  expect(counted()).toEqual({ epoch: 2, lines: ['trust\t10.0.0.0/8', 'pass\tc.test\t28\t0'] })
  second.close()
})

it('begins anew when most of it no longer counts, and keeps what was counted', () => {
  const table = new SteeringTable(folder)
  table.open()
  table.set(changes({ 'a.test A': answer('192.0.2.1', '192.0.2.2') }), 'all')
  count(1, [10, 7, 3])
  expect(table.counts()).toMatchObject([{ name: 'a.test', type: 'A', queries: 10 }])
  for (let round = 0; counted().epoch === 1; round += 1) {
    const long = {
      ...answer('192.0.2.1', '192.0.2.2'),
      code: `${'y'.repeat(100_000)}${round}`,
    } as SteeringEntry
    table.set(changes({ 'a.test A': long }), 'all')
  }
  expect(counted().lines.map((line) => line.split('\t')[0])).toEqual(['trust', 'answer'])
  count(2, [1, 1, 0])
  const [one] = table.counts()
  expect(one?.queries).toBe(11)
  expect([...(one?.values ?? [])]).toEqual([
    ['192.0.2.1', 8],
    ['192.0.2.2', 3],
  ])
  expect(readdirSync(folder)).toContain('table.2')
  table.close()
})

it('reads no counter while it is set, and loses none when values go and come', () => {
  const table = new SteeringTable(folder)
  table.open()
  table.set(changes({ 'a.test A': answer('192.0.2.1', '192.0.2.2'), 'b.test A': { kind: 'count' } }), 'all')
  // What cannot be read stands for what is slow to read.
  mkdirSync(join(folder, 'counts.1.78'))
  table.set(changes({ 'a.test A': answer('192.0.2.1') }), 'all')
  table.set(changes({ 'a.test A': answer('192.0.2.1', '192.0.2.3') }), 'all')
  expect(() => table.counts()).toThrow('EISDIR')
  rmSync(join(folder, 'counts.1.78'), { recursive: true })
  // Each of the three lines of 'a.test' has places of its own; 'b.test' is counted in the fourth.
  count(1, [10, 7, 3, 4, 5, 5, 2, 1, 1])
  const expected = [
    {
      ...{ name: 'a.test', type: 'A', queries: 17 },
      values: new Map([
        ['192.0.2.1', 13],
        ['192.0.2.3', 1],
      ]),
    },
    { name: 'b.test', type: 'A', queries: 4 },
  ]
  expect(table.counts()).toEqual(expected)
  expect(table.counts()).toEqual(expected)
  table.close()
})

it('keeps no count of what no longer stands', () => {
  const table = new SteeringTable(folder)
  table.open()
  table.set(changes({ 'a.test A': answer('192.0.2.1', '192.0.2.2') }), 'all')
  count(1, [10, 7, 3])
  table.set(changes({ 'a.test A': answer('192.0.2.1') }), 'all')
  expect(table.counts()).toMatchObject([{ queries: 10 }])
  table.set(changes({ 'a.test A': answer('192.0.2.1', '192.0.2.2') }), 'all')
  expect(table.counts()).toMatchObject([
    {
      values: new Map([
        ['192.0.2.1', 7],
        ['192.0.2.2', 0],
      ]),
    },
  ])
  table.set(changes({ 'a.test A': null }), 'all')
  table.set(changes({ 'a.test A': answer('192.0.2.1') }), 'all')
  expect(table.counts()).toMatchObject([{ queries: 0, values: new Map([['192.0.2.1', 0]]) }])
  table.close()
})

it('writes all of it as another epoch once a full disk has room again', () => {
  const table = new SteeringTable(folder)
  table.open()
  symlinkSync('/dev/full', join(folder, 'table.1'))
  expect(() => {
    table.set(changes({ 'a.test A': answer('192.0.2.1') }), 'all')
  }).toThrow('ENOSPC')
  expect(counted()).toEqual({ epoch: 0, lines: [] })
  table.set(changes({}), 'all')
  const { epoch, lines } = counted()
  expect(epoch).toBe(2)
  expect(lines.map((line) => line.split('\t').slice(0, 2))).toEqual([
    ['trust', 'all'],
    ['answer', 'a.test'],
  ])
  expect(readdirSync(folder)).toEqual(['position', 'table.2'])
  table.close()
})
