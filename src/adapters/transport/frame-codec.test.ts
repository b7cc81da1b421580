import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Frame, ReportedRegister } from '../../core/health/frame.ts'
import { FrameDecoder } from './frame-decoder.ts'
import { encodeFrame } from './frame-encoder.ts'
import { STATES } from './frame-format.ts'
import { FrameNumbering } from './frame-numbering.ts'
import { WireFault } from './wire-fault.ts'

const durationMs = fc.double({ min: 0, max: 60_000, noNaN: true, noDefaultInfinity: true })
const output = fc.record({
  monitor: fc.string({ maxLength: 60 }),
  outcome: fc.constantFrom('success' as const, 'failure' as const, 'local-error' as const),
  detail: fc.string({ unit: 'grapheme', maxLength: 80 }),
  status: fc.integer({ min: 100, max: 599 }),
  phases: fc.record(
    { connectMs: durationMs, tlsMs: durationMs, firstByteMs: durationMs, totalMs: durationMs },
    { requiredKeys: ['totalMs'] },
  ),
  atMs: fc.integer({ min: 0, max: 4e12 }),
})
const register = fc.record({
  endpoint: fc.integer({ min: 0, max: 30 }).map((index) => `pool/endpoint-${index}`),
  state: fc.constantFrom(...STATES),
  degraded: fc.boolean(),
  definition: fc.constantFrom('0011223344556677', '8899aabbccddeeff'),
  output: fc.array(output, { maxLength: 2 }),
})
const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const frame: fc.Arbitrary<Frame> = fc.record(
  {
    checker: fc.constant('ams-1'),
    site: fc.constant('ams'),
    incarnation: number,
    sequence: number,
    revision: number,
    fenced: fc.boolean(),
    fenceReason: fc.string({ unit: 'grapheme', maxLength: 50 }),
    loss: fc.double({ min: 0, max: 1, noNaN: true }).map((loss) => loss + 0),
    registers: fc.uniqueArray(register, { maxLength: 40, selector: (one) => one.endpoint }),
    snapshot: fc.boolean(),
  },
  {
    requiredKeys: [
      'checker',
      'site',
      'incarnation',
      'sequence',
      'revision',
      'fenced',
      'loss',
      'registers',
      'snapshot',
    ],
  },
)

const byEndpoint = (registers: readonly ReportedRegister[]) =>
  registers.toSorted((a, b) => (a.endpoint < b.endpoint ? -1 : 1))
const sorted = (one: Frame): Frame => ({ ...one, registers: byEndpoint(one.registers) })
const lean = (one: Frame): Frame => ({
  ...one,
  registers: one.registers.map((each) => ({ ...each, output: [] })),
})

describe('frames as bytes', () => {
  it('come back as they were, with outputs for those who ask and without for the others', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 8 }), fc.boolean(), (frames, outputs) => {
        const numbering = new FrameNumbering()
        const decoder = new FrameDecoder()
        for (const [index, one] of frames.entries()) {
          const sent = index === 0 ? { ...one, snapshot: true } : one
          const bytes = encodeFrame(numbering.number(sent), { reset: index === 0, outputs })
          expect(sorted(decoder.decode(bytes))).toEqual(sorted(outputs ? sent : lean(sent)))
        }
      }),
    )
  })

  it('are understood by a reader that comes late, from a whole frame on', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 2, maxLength: 8 }), (frames) => {
        const numbering = new FrameNumbering()
        const known = new Map<string, ReportedRegister>()
        for (const one of frames) {
          if (one.snapshot) known.clear()
          for (const each of one.registers) known.set(each.endpoint, each)
          numbering.number(one)
        }
        const whole = { ...frames[0]!, snapshot: true, registers: [...known.values()] }
        const next = { ...frames[1]!, snapshot: false }
        const decoder = new FrameDecoder()
        const first = encodeFrame(numbering.whole(whole), { reset: true, outputs: true })
        expect(sorted(decoder.decode(first))).toEqual(sorted(whole))
        const second = encodeFrame(numbering.number(next), { reset: false, outputs: true })
        expect(sorted(decoder.decode(second))).toEqual(sorted(next))
      }),
    )
  })

  it('name an endpoint once: then a register is two bits', () => {
    const numbering = new FrameNumbering()
    const registers = Array.from({ length: 1_667 }, (_, index) => ({
      ...{ endpoint: `pool-${index % 50}/endpoint-${index}`, state: 'up' as const, degraded: false },
      ...{ definition: index.toString(16).padStart(16, '0'), output: [] },
    }))
    const base = { checker: 'ams-1', site: 'ams', incarnation: 1_795_000_000, sequence: 1, revision: 1_000 }
    const snapshot = { ...base, fenced: false, loss: 0, registers, snapshot: true }
    numbering.number(snapshot)
    const share = numbering.number({ ...snapshot, sequence: 2, snapshot: false })
    expect(encodeFrame(share, { reset: false, outputs: false }).length).toBeLessThan(460)
  })

  it('clip what is longer than a reader takes', () => {
    const detail = '\u{1f600}'.repeat(2_000)
    const long: Frame = {
      ...{ checker: 'ams-1', site: 'ams', incarnation: 1, sequence: 1, revision: 1, fenced: true, loss: 0 },
      fenceReason: 'x'.repeat(5_000),
      snapshot: true,
      registers: [
        {
          ...{ endpoint: 'a/b', state: 'up', degraded: true, definition: 'd' },
          output: [{ monitor: 'm', outcome: 'failure', detail, phases: { totalMs: 1 }, atMs: 1 }],
        },
      ],
    }
    const bytes = encodeFrame(new FrameNumbering().number(long), { reset: true, outputs: true })
    const read = new FrameDecoder().decode(bytes)
    expect(detail.startsWith(read.registers[0]!.output[0]!.detail.slice(0, -1))).toBe(true)
    expect(long.fenceReason!.startsWith(read.fenceReason!)).toBe(true)
  })
})

describe('any bytes', () => {
  /** Mulberry32: a million mutations need a generator that costs nothing. */
  function generator(seed: number): (below: number) => number {
    let state = seed
    return (below) => {
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
      return ((mixed ^ (mixed >>> 14)) >>> 0) % below
    }
  }

  function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
    const kind = random(8)
    if (kind === 0) return bytes.subarray(0, random(bytes.length))
    if (kind === 1) {
      const longer = new Uint8Array(bytes.length + 1 + random(16))
      longer.set(bytes)
      return longer
    }
    const changed = bytes.slice()
    if (kind === 2) changed.copyWithin(random(bytes.length), random(bytes.length))
    for (let times = 1 + random(3); times > 0; times -= 1) {
      const at = random(bytes.length)
      // Large numbers are what an allocation would trust.
      changed[at] = kind === 3 ? 0xff : kind === 4 ? changed[at]! ^ (1 << random(8)) : random(256)
    }
    return changed
  }

  const seed = Math.floor(Math.random() * 2 ** 31)
  it(`a million mutated frames (seed ${seed}): a frame or a fault, and nothing is kept of a bad one`, () => {
    const random = generator(seed)
    const samples = fc.sample(frame, { numRuns: 40, seed }).map((one) => ({
      ...one,
      registers: one.registers.slice(0, 6),
    }))
    const whole = encodeFrame(new FrameNumbering().number({ ...samples[0]!, snapshot: true }), {
      reset: true,
      outputs: true,
    })
    const messages = samples.map((one, index) => {
      const numbering = new FrameNumbering()
      numbering.number({ ...samples[0]!, snapshot: true })
      const isWhole = index % 4 === 0
      return encodeFrame(numbering.number(isWhole ? { ...one, snapshot: true } : one), {
        reset: isWhole,
        outputs: index % 2 === 0,
      })
    })
    const probe = encodeFrame(
      (() => {
        const numbering = new FrameNumbering()
        numbering.number({ ...samples[0]!, snapshot: true })
        return numbering.number({ ...samples[0]!, snapshot: false })
      })(),
      { reset: false, outputs: false },
    )
    const fresh = (): FrameDecoder => {
      const decoder = new FrameDecoder()
      decoder.decode(whole)
      return decoder
    }
    const expected = fresh().decode(probe)
    let decoder = fresh()
    let isFresh = true
    const count = { good: 0, bad: 0 }
    // A stack for each of a million faults is most of the cost, and nobody reads them.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    onTestFinished(() => {
      Error.stackTraceLimit = stackTraceLimit
    })
    const heapBefore = process.memoryUsage().heapUsed
    for (let round = 0; round < 1_000_000; round += 1) {
      const message = mutate(messages[round % messages.length]!, random)
      // To begin anew and to look at what is kept costs more than a mutation: every fiftieth does both.
      const looks = round % 50 === 0
      if (looks && !isFresh) decoder = fresh()
      isFresh = looks || isFresh
      try {
        const read = decoder.decode(message)
        count.good += 1
        for (const { endpoint, state } of read.registers)
          if (typeof endpoint !== 'string' || !STATES.includes(state)) throw new Error('not a frame')
        isFresh = false
      } catch (error) {
        if (!(error instanceof WireFault)) throw error
        count.bad += 1
        if (looks) expect(decoder.decode(probe)).toEqual(expected)
      }
    }
    expect(count.bad).toBeGreaterThan(500_000)
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(200 * 2 ** 20)
  }, 120_000)

  it('numbers that promise much make nothing', () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0x0f]
    const head = [1, 6, 1, 97, 1, 97, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    for (const rest of [huge, [0, ...huge], [0, 1, 0, ...huge], [0, 1, 0, 0xfe, 0xff, 0x1f]])
      expect(() => new FrameDecoder().decode(Uint8Array.from([...head, ...rest]))).toThrow(WireFault)
  })

  it('a version that is not known is named', () => {
    expect(() => new FrameDecoder().decode(Uint8Array.from([9]))).toThrow(
      'frames of version 9 are not known here (known: 1)',
    )
  })
})
