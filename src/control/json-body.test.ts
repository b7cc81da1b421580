import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseJsonBody } from './json-body.ts'
import { jsonFaultPosition } from './json-fault-position.ts'

it('gives what JSON.parse gives, or a malformed-request with a place', () => {
  const text = fc.oneof(
    fc.json(),
    fc.tuple(fc.json(), fc.nat(), fc.string()).map(([json, at, noise]) => {
      const cut = at % (json.length + 1)
      return json.slice(0, cut) + noise + json.slice(cut + 1)
    }),
    fc.string({
      unit: fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '\\',
        '1',
        '-',
        'e',
        '.',
        'true',
        'nul',
        ' ',
        '\n',
      ),
    }),
  )
  fc.assert(
    fc.property(text, (body) => {
      let expected: unknown
      try {
        expected = JSON.parse(body)
      } catch {
        expect(() => parseJsonBody(Buffer.from(body))).toThrow(
          /not valid JSON: line \d+, column \d+|is empty/,
        )
        const position = jsonFaultPosition(body)
        expect(position).toBeLessThanOrEqual(body.length)
        return
      }
      if (!body.includes('__proto__')) expect(parseJsonBody(Buffer.from(body))).toEqual(expected)
      expect(jsonFaultPosition(body)).toBe(body.length)
    }),
    { numRuns: 2_000 },
  )
})

it('finds the place in a large text without recursion', () => {
  const rows = Array.from({ length: 50_000 }, (_, index) => `{"n": ${index}, "s": "${'x'.repeat(20)}"}`)
  rows[40_000] = '{"n": oops}'
  expect(() => parseJsonBody(Buffer.from(`[${rows.join(',\n')}]`))).toThrow('line 40001, column 7')
  expect(jsonFaultPosition('['.repeat(200_000))).toBe(200_000)
})
