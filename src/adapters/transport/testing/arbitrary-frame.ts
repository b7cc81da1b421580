/** Any frame that a checker may send: for tests alone. */
import fc from 'fast-check'
import type { Frame } from '../../../core/health/frame.ts'
import { STATES } from '../frame-format.ts'

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
export const frame: fc.Arbitrary<Frame> = fc.record(
  {
    checker: fc.constant('ams-1'),
    site: fc.constant('ams'),
    incarnation: number,
    sequence: number,
    revision: number,
    fenced: fc.boolean(),
    fenceReason: fc.string({ unit: 'grapheme', maxLength: 50 }),
    gridMs: fc.nat(Number.MAX_SAFE_INTEGER),
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
