import { expect, it } from 'vitest'
import type { PublishedAnswer } from '../ports/report.ts'
import { PublishedBook } from './published-book.ts'

const WWW = 'www.example.test'
const answer = (...values: string[]): PublishedAnswer => ({
  ...{ name: WWW, zone: 'example.test', type: 'A', values, ttlSec: 30 },
  ...{ serial: 1, writtenAtMs: 1, readBackAtMs: 2 },
})

it('one nameserver neither replaces nor takes back what the others have published', () => {
  const silent = new Set<string>()
  const book = new PublishedBook((nameserver) => !silent.has(nameserver))
  for (const by of ['ams/ns1', 'fra/ns1']) book.published([answer('192.0.2.1', '192.0.2.2')], by)
  book.published([answer('203.0.113.66')], 'ams/evil')
  const shown = () => book.answer(WWW, 'A')?.values
  expect(shown()).toEqual(['192.0.2.1', '192.0.2.2'])
  book.withdrawn([WWW], 'ams/evil')
  expect(shown()).toEqual(['192.0.2.1', '192.0.2.2'])
  // In another order it is the same; of as many on each side those that spoke last are shown.
  book.published([answer('192.0.2.2', '192.0.2.1')], 'ams/ns1')
  expect(shown()).toEqual(['192.0.2.2', '192.0.2.1'])
  book.published([answer('192.0.2.3')], 'fra/ns1')
  expect(shown()).toEqual(['192.0.2.3'])
  // Those that are silent say nothing of now, while others do.
  silent.add('fra/ns1')
  expect(shown()).toEqual(['192.0.2.2', '192.0.2.1'])
  for (const by of ['ams/ns1', 'fra/ns1']) book.withdrawn([WWW], by)
  expect(shown()).toBeUndefined()
})
