import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame, ReportedRegister } from '../../core/health/frame.ts'
import { FrameDecoder } from './frame-decoder.ts'
import { encodeFrame } from './frame-encoder.ts'
import { FrameNumbering } from './frame-numbering.ts'
import { frame } from './testing/arbitrary-frame.ts'

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
