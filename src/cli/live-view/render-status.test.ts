import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noPaint, paintFor } from '../output/paint.ts'
import { widthOf } from '../output/printable.ts'
import { exampleStatus } from '../testing/example-status.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { renderStatus } from './render-status.ts'

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0)
const terminal = fakeIo().stdout
terminal.isTerminal = true
const colours = paintFor(terminal, {})

function render(options: Parameters<typeof exampleStatus>[0] = {}, size = { columns: 100, rows: 40 }) {
  const state = {
    status: exampleStatus(options),
    hints: ['dig @127.0.0.1 -p 5300 www.example.test'],
    lost: null,
  }
  return renderStatus(state, { size, nowMs: NOW, paint: noPaint })
}

describe('the live view', () => {
  it('shows endpoints with health, the answers given now with their shares, events and hints', () => {
    const text = render({ down: ['web/ams-1'] }).join('\n')
    expect(text).toMatch(/web\/ams-1 +down +12s +ams +127\.0\.0\.11:8080 +connection refused/)
    expect(text).toMatch(/web\/fra-1 +up +12s +fra +\[2001:db8::21\]:8080 +HTTP 200/)
    expect(text).toMatch(/www\.example\.test +failover +A +30 +yes +127\.0\.0\.11/)
    expect(text).toMatch(
      /weighted\.example\.test +weighted +A +30 +yes +127\.0\.0\.11 75%, 127\.0\.0\.21 25%/,
    )
    expect(text).toContain('web/ams-1 up -> down: connection refused [quorum-down]')
    expect(text).toContain('dig @127.0.0.1 -p 5300 www.example.test')
  })

  it('puts alarms and a lost connection on top', () => {
    const status = exampleStatus({ alarms: ['PowerDNS is down', 'a', 'b', 'c', 'd'] })
    const lines = renderStatus(
      { status, hints: [], lost: 'connection refused' },
      { size: { columns: 80, rows: 24 }, nowMs: NOW, paint: noPaint },
    )
    expect(lines[1]).toContain('not connected')
    expect(lines[2]).toBe('! PowerDNS is down')
    expect(lines[5]).toBe('! and 2 more alarms')
  })

  it('says of an answer that nothing healthy stands behind it, or that it is not read back', () => {
    const text = render({ whenDown: true, unread: true }).join('\n')
    expect(text).toContain('nothing healthy: ')
    expect(text).toMatch(/www\.example\.test .* not yet +nothing healthy: 127\.0\.0\.11/)
  })

  it('fits any terminal, with any content, painted or not', () => {
    fc.assert(
      fc.property(
        fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 80 }) }),
        fc.record({
          endpoints: fc.nat(120),
          balancers: fc.nat(80),
          events: fc.nat(60),
          alarms: fc.array(fc.string({ unit: 'binary' }), { maxLength: 6 }),
          detail: fc.string({ unit: 'binary' }),
        }),
        fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }),
        (size, options, hints) => {
          for (const paint of [noPaint, colours]) {
            const lines = renderStatus(
              { status: exampleStatus(options), hints, lost: null },
              { size, nowMs: NOW, paint },
            )
            expect(lines.length).toBeLessThanOrEqual(size.rows)
            for (const line of lines) {
              const bare = stripVTControlCharacters(line)
              expect(widthOf(bare)).toBeLessThanOrEqual(size.columns)
              expect(bare).not.toMatch(/\p{Cc}/u)
            }
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('counts what it cannot show, and gives the room that one part leaves over to another', () => {
    const many = render({ endpoints: 100 }, { columns: 100, rows: 30 })
    const shown = many.filter((line) => line.startsWith('many/')).length
    expect(many).toContain(
      `... and ${100 + 2 - shown - many.filter((line) => line.startsWith('web/')).length} more`,
    )
    expect(shown).toBeGreaterThan(5)
    expect(many.some((line) => line.startsWith('weighted.example.test'))).toBe(true)
    expect(render({}, { columns: 100, rows: 60 }).some((line) => line.startsWith('...'))).toBe(false)
  })
})
