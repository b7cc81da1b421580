import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_MESSAGE, SseParser, type SseMessage } from './sse-parser.ts'

const STREAM =
  ': hello\r\n\r\nid: 7\nevent: transition\ndata: {"a":1}\n\ndata: one\r\ndata:two\r\r: beat\n\nid\ndata\n\nevent: lost\n\nid: 9\ndata: é漢\n\ndata: cut off'

const EXPECTED: SseMessage[] = [
  { event: 'transition', data: '{"a":1}', id: '7' },
  { event: 'message', data: 'one\ntwo', id: '7' },
  { event: 'message', data: '', id: '' },
  { event: 'message', data: 'é漢', id: '9' },
]

describe('SseParser', () => {
  it('gives the same messages however the text is split', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length)), (cuts) => {
        const parser = new SseParser()
        const edges = [0, ...cuts.sort((a, b) => a - b), STREAM.length]
        const messages = edges.flatMap((edge, index) =>
          parser.push(STREAM.slice(edges[index - 1] ?? 0, edge)),
        )
        expect(messages).toEqual(EXPECTED)
      }),
    )
  })

  it('refuses a message without end, in one line or in many', () => {
    const line = 'x'.repeat(MAX_MESSAGE / 4)
    for (const text of [line, `data: ${line}\n`]) {
      const parser = new SseParser()
      expect(() => {
        for (let count = 0; count < 6; count += 1) parser.push(text)
      }).toThrow('too long')
    }
  })
})
