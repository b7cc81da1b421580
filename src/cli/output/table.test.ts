import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { noPaint, paintFor } from './paint.ts'
import { renderTable } from './table.ts'
import { fakeIo } from '../testing/fake-io.ts'

const rows = [
  ['web/ams-1', { text: 'up', style: 'green' }, 'HTTP 200'],
  ['web/fra-10', { text: 'down', style: 'red' }, ''],
] as const

it('aligns its columns and leaves no space at the end', () => {
  expect(renderTable(['ENDPOINT', 'STATE', 'DETAIL'], rows, { paint: noPaint, none: 'none' })).toEqual([
    'ENDPOINT    STATE  DETAIL',
    'web/ams-1   up     HTTP 200',
    'web/fra-10  down   -',
  ])
  expect(renderTable(['ENDPOINT'], [], { paint: noPaint, none: 'no endpoints' })).toEqual(['no endpoints'])
})

it('keeps its columns aligned under colour', () => {
  const io = fakeIo()
  io.stdout.isTerminal = true
  const paint = paintFor(io.stdout, {})
  const lines = renderTable(['ENDPOINT', 'STATE', 'DETAIL'], rows, { paint, none: 'none' })
  expect(lines[1]).toContain('\u001b[32mup\u001b[39m')
  const bare = lines.map((line) => stripVTControlCharacters(line))
  expect(bare).toEqual(renderTable(['ENDPOINT', 'STATE', 'DETAIL'], rows, { paint: noPaint, none: 'none' }))
})

it('has colour on a terminal only, and never with NO_COLOR', () => {
  const io = fakeIo()
  expect(paintFor(io.stdout, {})).toBe(noPaint)
  io.stdout.isTerminal = true
  expect(paintFor(io.stdout, {})).not.toBe(noPaint)
  expect(paintFor(io.stdout, { NO_COLOR: '1' })).toBe(noPaint)
  expect(paintFor(io.stdout, { NO_COLOR: '' })).not.toBe(noPaint)
  expect(paintFor(io.stdout, { TERM: 'dumb' })).toBe(noPaint)
})
