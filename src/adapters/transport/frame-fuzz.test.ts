/** Frames, and what readers say, as a fault or somebody who means harm would make them: a new seed each time, printed in the test's name. */
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Frame } from '../../core/health/frame.ts'
import { FrameDecoder } from './frame-decoder.ts'
import { encodeFrame } from './frame-encoder.ts'
import { STATES } from './frame-format.ts'
import { FrameNumbering } from './frame-numbering.ts'
import { MessageSplitter, withLength } from './message-splitter.ts'
import { decodeReaderMessage, encodeReaderMessage, MAX_READER_MESSAGE_BYTES } from './reader-message.ts'
import { frame } from './testing/arbitrary-frame.ts'
import { mutate, randomOf, type Random } from './testing/mutate.ts'
import { WireFault } from './wire-fault.ts'

const seed = Math.floor(Math.random() * 2 ** 31)

/** A whole frame, and messages that may come after it: each fourth is a whole one too, each second has outputs. */
function messagesOf(samples: readonly Frame[]) {
  const first = { ...samples[0]!, snapshot: true }
  const after = (one: Frame, encoding: { readonly reset: boolean; readonly outputs: boolean }) => {
    const numbering = new FrameNumbering()
    numbering.number(first)
    return encodeFrame(numbering.number(one), encoding)
  }
  return {
    whole: encodeFrame(new FrameNumbering().number(first), { reset: true, outputs: true }),
    /** Says everything by number: it is read as before only if every name is. */
    probe: after({ ...first, snapshot: false }, { reset: false, outputs: false }),
    messages: samples.map((one, index) => {
      const isWhole = index % 4 === 0
      return after(isWhole ? { ...one, snapshot: true } : one, { reset: isWhole, outputs: index % 2 === 0 })
    }),
  }
}

function samplesOf(count: number): Frame[] {
  const samples = fc.sample(frame, { numRuns: count, seed })
  return samples.map((one) => ({ ...one, registers: one.registers.slice(0, 6) }))
}

/** A stack for each of a million faults is most of the cost, and nobody reads them. */
function withoutStacks(): void {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  onTestFinished(() => {
    Error.stackTraceLimit = stackTraceLimit
  })
}

/** What it gives, or null for a WireFault; everything else that is thrown is a defect. */
function orFault<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof WireFault)) throw error
    return null
  }
}

function pick<T>(values: readonly T[], random: Random): T {
  return values[random(values.length)]!
}

describe('any bytes as frames', () => {
  it(`a million mutated frames (seed ${seed}): a frame or a fault, and nothing is kept of a bad one`, () => {
    withoutStacks()
    const random = randomOf(seed)
    const { whole, probe, messages } = messagesOf(samplesOf(40))
    const fresh = (): FrameDecoder => {
      const decoder = new FrameDecoder()
      decoder.decode(whole)
      return decoder
    }
    const expected = fresh().decode(probe)
    let decoder = fresh()
    let isFresh = true
    let bad = 0
    const heapBefore = process.memoryUsage().heapUsed
    for (let round = 0; round < 1_000_000; round += 1) {
      const message = mutate(messages[round % messages.length]!, pick(messages, random), random)
      // To begin anew and to look at what is kept costs more than a mutation: every fiftieth does both.
      const looks = round % 50 === 0
      if (looks && !isFresh) decoder = fresh()
      isFresh = looks || isFresh
      const read = orFault(() => decoder.decode(message))
      if (read === null) {
        bad += 1
        if (looks) expect(decoder.decode(probe)).toEqual(expected)
        continue
      }
      isFresh = false
      for (const { endpoint, state } of read.registers)
        if (typeof endpoint !== 'string' || !STATES.includes(state)) throw new Error('not a frame')
    }
    expect(bad).toBeGreaterThan(500_000)
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(200 * 2 ** 20)
  }, 120_000)

  it(`50,000 mutated streams (seed ${seed}): in whatever pieces they come, the same frames and the same end`, () => {
    withoutStacks()
    const random = randomOf(seed)
    const { whole, messages } = messagesOf(samplesOf(40))
    const maxBytes = 64 * 1_024
    const read = (chunks: Iterable<Uint8Array>) => {
      const [splitter, decoder] = [new MessageSplitter(maxBytes), new FrameDecoder()]
      const frames: Frame[] = []
      const isWell = orFault(() => {
        for (const chunk of chunks)
          for (const message of splitter.push(chunk)) frames.push(decoder.decode(message))
        return true
      })
      return { frames, isWell: isWell ?? false }
    }
    const count = { well: 0, ended: 0 }
    for (let round = 0; round < 50_000; round += 1) {
      const parts = Array.from({ length: 1 + random(4) }, () => withLength(pick(messages, random)))
      const stream = mutate(Buffer.concat([withLength(whole), ...parts]), pick(parts, random), random)
      const expected = read([stream])
      expect(read(piecesOf(stream, random))).toEqual(expected)
      count[expected.isWell ? 'well' : 'ended'] += 1
    }
    expect(Math.min(count.well, count.ended)).toBeGreaterThan(1_000)
  }, 120_000)

  it('numbers that promise much make nothing', () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0x0f]
    const head = [1, 6, 1, 97, 1, 97, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    for (const rest of [huge, [0, ...huge], [0, 1, 0, ...huge], [0, 1, 0, 0xfe, 0xff, 0x1f]])
      expect(() => new FrameDecoder().decode(Uint8Array.from([...head, ...rest]))).toThrow(WireFault)
  })

  it('a length that promises much is refused, or waited for without memory', () => {
    const splitter = new MessageSplitter(64 * 2 ** 20)
    expect(() => [...splitter.push(Uint8Array.of(0xff, 0xff, 0xff, 0xff))]).toThrow(WireFault)
    const before = process.memoryUsage()
    const waiting = Array.from({ length: 1_000 }, () => {
      const one = new MessageSplitter(64 * 2 ** 20)
      expect([...one.push(Uint8Array.of(0x03, 0xff, 0xff, 0xff, 1))]).toEqual([])
      return one
    })
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    expect(waiting).toHaveLength(1_000)
    expect(heapUsed - before.heapUsed + arrayBuffers - before.arrayBuffers).toBeLessThan(20e6)
  })

  it('a version that is not known is named', () => {
    expect(() => new FrameDecoder().decode(Uint8Array.from([9]))).toThrow(
      'frames of version 9 are not known here (known: 1)',
    )
  })
})

describe('any bytes as what readers say', () => {
  it(`300,000 mutated messages (seed ${seed}): one that is known, or a fault`, () => {
    withoutStacks()
    const random = randomOf(seed)
    const messages = [
      encodeReaderMessage({ kind: 'hello', outputs: true }),
      encodeReaderMessage({ kind: 'hello', outputs: false }),
      encodeReaderMessage({ kind: 'snapshot-request' }),
      encodeReaderMessage({ kind: 'alive' }),
    ]
    const count = { good: 0, bad: 0 }
    for (let round = 0; round < 300_000; round += 1) {
      const stream = mutate(withLength(pick(messages, random)), withLength(pick(messages, random)), random)
      const splitter = new MessageSplitter(MAX_READER_MESSAGE_BYTES)
      const read = orFault(() => Array.from(splitter.push(stream), decodeReaderMessage))
      for (const message of read ?? [])
        expect(messages.some((one) => Buffer.compare(one, encodeReaderMessage(message)) === 0)).toBe(true)
      count[read === null ? 'bad' : 'good'] += 1
    }
    expect(Math.min(count.good, count.bad)).toBeGreaterThan(10_000)
  })
})

function* piecesOf(stream: Uint8Array, random: Random): Generator<Uint8Array> {
  for (let at = 0; at < stream.length;) {
    const length = 1 + random(random(4) === 0 ? 400 : 8)
    yield stream.subarray(at, at + length)
    at += length
  }
}
