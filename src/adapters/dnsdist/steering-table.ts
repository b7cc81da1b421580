/**
 * The table that dnsdist's threads steer by: a file to which changes are added, and a word in shared memory that says how much of
 * it counts. A thread that sees another word reads what is new, and nothing else.
 * What must stay true: what the word covers is whole and is never written again; a change costs its own length (the counters, which
 * are large, are read where they are asked for); a table that has grown to many times what it says is begun anew, as another epoch,
 * with all of it before the word changes; so is one into which a change could not be written (a full disk), with the next `set`.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { COUNTER_SLOTS, trustText } from './steering-lua.ts'
import { PastCounts } from './past-counts.ts'
import { TYPE_NUMBERS, type SteeringEntry } from './steering-entry.ts'
import type { SubnetTrust } from '../lua/lua-prefix.ts'

/** What an operator sees of one name and type: how often it was asked for, and how often with each value. */
export interface AnswerCount {
  readonly name: string
  readonly type: keyof typeof TYPE_NUMBERS
  readonly queries: number
  /** Absent: it is not answered here, or with everything each time. */
  readonly values?: ReadonlyMap<string, number>
}

interface Placed {
  readonly entry: SteeringEntry
  readonly line: string
  readonly slot: number
}

export type SteeringKey = `${string} ${keyof typeof TYPE_NUMBERS}`

/** Beyond so many bytes that no longer count it is begun anew. */
const WASTE_BYTES = 1_048_576

export class SteeringTable {
  readonly #directory: string
  readonly #placed = new Map<SteeringKey, Placed>()
  readonly #sets = new Set<string>()
  #trust: SubnetTrust = 'all'
  #epoch = 0
  #length = 0
  #live = 0
  #nextSlot = 0
  #position = -1
  #file = -1
  /** What stands in the file is not all that was set. */
  #isBehind = false
  /** What counters hold that no longer count. */
  readonly #past = new PastCounts()

  /** `directory` is absolute. */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** What an earlier process left stands until the first change comes. */
  open(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    this.#position = openSync(join(this.#directory, 'position'), 'a+', 0o600)
    closeSync(this.#position)
    this.#position = openSync(join(this.#directory, 'position'), 'r+')
    const before = readFileSync(join(this.#directory, 'position'))
    this.#epoch = before.length >= 8 ? before.readUInt32LE(4) : 0
    // It is mapped into memory: what is not there must not be looked at.
    if (before.length < 8) writeSync(this.#position, Buffer.alloc(8), 0, 8, 0)
  }

  close(): void {
    if (this.#file !== -1) closeSync(this.#file)
    if (this.#position !== -1) closeSync(this.#position)
    this.#file = -1
    this.#position = -1
  }

  /**
   * What is to stand under each key from now on; null: nothing. All of it at once. Throws when the file cannot be written: what
   * stood in it stands on, and the next call, be it with no change, writes all.
   */
  set(changes: ReadonlyMap<SteeringKey, SteeringEntry | null>, trust: SubnetTrust): void {
    const lines: string[] = []
    if (JSON.stringify(trust) !== JSON.stringify(this.#trust)) {
      this.#trust = trust
      lines.push(this.#trustLine())
    }
    for (const [key, entry] of changes) lines.push(...this.#change(key, entry))
    const isAnew = this.#isBehind || this.#file === -1
    if (!isAnew && lines.length === 0) return
    this.#isBehind = true
    if (isAnew || this.#length > 2 * this.#live + WASTE_BYTES) this.#begin()
    else this.#append(lines.join(''))
    this.#isBehind = false
  }

  keys(): IterableIterator<SteeringKey> {
    return this.#placed.keys()
  }

  /** Since this process began; of a value, since it is among the values. */
  counts(): AnswerCount[] {
    const now = this.#read()
    this.#takePast(now)
    return Array.from(this.#placed, ([key, { entry, slot }]): AnswerCount => {
      const [name = '', type = ''] = key.split(' ')
      const values = valuesOf(entry).map((value, index) => {
        return [value, this.#past.of(key, value) + (now[slot + 1 + index] ?? 0)] as const
      })
      return {
        ...{ name, type: type as keyof typeof TYPE_NUMBERS },
        queries: this.#past.of(key) + (now[slot] ?? 0),
        ...(values.length > 0 && { values: new Map(values) }),
      }
    })
  }

  #change(key: SteeringKey, entry: SteeringEntry | null): string[] {
    const before = this.#placed.get(key)
    const [name = '', type = ''] = key.split(' ')
    const number = TYPE_NUMBERS[type as keyof typeof TYPE_NUMBERS]
    if (entry === null) {
      if (before === undefined) return []
      this.#placed.delete(key)
      this.#past.forget(key)
      this.#live -= before.line.length
      return [`gone\t${name}\t${number}\n`]
    }
    if (before !== undefined && JSON.stringify(before.entry) === JSON.stringify(entry)) return []
    const slot = this.#slotFor(key, before, entry)
    const line = lineOf(entry, { name, number, slot })
    this.#placed.set(key, { entry, line, slot })
    this.#live += line.length - (before?.line.length ?? 0)
    return [...this.#setLines(entry), line]
  }

  /** The same one where the same is counted; in one epoch no counter has two meanings. */
  #slotFor(key: SteeringKey, before: Placed | undefined, entry: SteeringEntry): number {
    if (before !== undefined && valuesOf(before.entry).join() === valuesOf(entry).join()) return before.slot
    if (before !== undefined) this.#leave(key, before)
    return this.#nextSlotFor(entry)
  }

  #nextSlotFor(entry: SteeringEntry): number {
    const slot = this.#nextSlot
    this.#nextSlot += 1 + valuesOf(entry).length
    return slot
  }

  #leave(key: SteeringKey, { entry, slot }: Placed): void {
    this.#past.leave(key, { slot, values: valuesOf(entry) })
  }

  #takePast(now: Float64Array): void {
    this.#past.take(now, (key) => {
      const placed = this.#placed.get(key as SteeringKey)
      return placed === undefined ? [] : valuesOf(placed.entry)
    })
  }

  #setLines(entry: SteeringEntry): string[] {
    if (entry.kind !== 'answer') return []
    return entry.sets.flatMap(({ name, include, exclude }) => {
      if (this.#sets.has(name)) return []
      this.#sets.add(name)
      return `set\t${name}\t${include}\t${exclude}\n`
    })
  }

  #trustLine(): string {
    return `trust\t${trustText(this.#trust)}\n`
  }

  /** Another epoch, with all that stands. */
  #begin(): void {
    const now = this.#epoch === 0 || this.#file === -1 ? new Float64Array(0) : this.#read()
    for (const [key, placed] of this.#placed) this.#leave(key, placed)
    this.#takePast(now)
    this.#epoch += 1
    this.#sets.clear()
    this.#nextSlot = 0
    const lines = [this.#trustLine()]
    for (const [key, { entry }] of this.#placed) {
      const [name = '', type = ''] = key.split(' ')
      const number = TYPE_NUMBERS[type as keyof typeof TYPE_NUMBERS]
      const slot = this.#nextSlotFor(entry)
      const line = lineOf(entry, { name, number, slot })
      this.#placed.set(key, { entry, line, slot })
      lines.push(...this.#setLines(entry), line)
    }
    this.#create(lines.join(''))
    this.#live = this.#length
    this.#removeOthers()
  }

  #create(text: string): void {
    if (this.#file !== -1) closeSync(this.#file)
    this.#file = -1
    const path = join(this.#directory, `table.${this.#epoch}`)
    const file = openSync(path, 'w', 0o600)
    try {
      this.#length = 0
      this.#file = file
      this.#append(text)
    } catch (error) {
      this.#file = -1
      closeSync(file)
      rmSync(path, { force: true })
      throw error
    }
  }

  #append(text: string): void {
    const bytes = Buffer.from(text, 'latin1')
    let written = 0
    while (written < bytes.length)
      written += writeSync(this.#file, bytes, written, bytes.length - written, this.#length + written)
    this.#length += bytes.length
    const word = Buffer.alloc(8)
    word.writeUInt32LE(this.#length, 0)
    word.writeUInt32LE(this.#epoch, 4)
    writeSync(this.#position, word, 0, 8, 0)
  }

  /** The epoch before may still be read by a thread that has not looked since. */
  #removeOthers(): void {
    for (const name of readdirSync(this.#directory)) {
      const [, epoch] = /^(?:table|counts)\.(\d+)(?:\.\d+)?$/.exec(name) ?? []
      if (epoch !== undefined && Number(epoch) < this.#epoch - 1)
        rmSync(join(this.#directory, name), { force: true })
    }
  }

  /** The counters of this epoch, added up over the threads. */
  #read(): Float64Array {
    const sums = new Float64Array(Math.min(COUNTER_SLOTS, this.#nextSlot))
    for (const name of readdirSync(this.#directory)) {
      if (!name.startsWith(`counts.${this.#epoch}.`)) continue
      const bytes = readFileSync(join(this.#directory, name))
      const most = Math.min(sums.length, Math.floor(bytes.length / 8))
      for (let index = 0; index < most; index += 1)
        sums[index] = (sums[index] ?? 0) + Number(bytes.readBigUInt64LE(index * 8))
    }
    return sums
  }
}

/** What is counted beside the queries. */
function valuesOf(entry: SteeringEntry): readonly string[] {
  return entry.kind === 'answer' ? entry.values : []
}

function lineOf(
  entry: SteeringEntry,
  { name, number, slot }: { readonly name: string; readonly number: number; readonly slot: number },
): string {
  if (entry.kind !== 'answer') return `${entry.kind}\t${name}\t${number}\t${slot}\n`
  return `answer\t${name}\t${number}\t${slot}\t${entry.ttlSec}\t${entry.values.join(',')}\t${entry.code}\n`
}
