import { expect, it } from 'vitest'
import { sendUpdate, updateText } from './nsupdate.ts'

const update = {
  server: { address: '127.0.0.1', port: 1 },
  zone: 'example.test',
  key: { name: 'k.example.test', algorithm: 'hmac-sha256', secret: 'AAAA' },
  prerequisites: [{ kind: 'no-name', name: 'www.example.test' } as const],
  deletes: [{ name: 'www.example.test', type: 'A' }],
  adds: [{ name: 'www.example.test', type: 'A', ttlSec: 30, data: '192.0.2.1' }],
}

it('writes what nsupdate reads', () => {
  expect(updateText(update).split('\n')).toEqual([
    'server 127.0.0.1 1',
    'zone example.test.',
    'key hmac-sha256:k.example.test AAAA',
    'prereq nxdomain www.example.test.',
    'update delete www.example.test. A',
    'update add www.example.test. 30 A 192.0.2.1',
    'send',
    '',
  ])
})

it.each(['a\nsend', 'a b', 'a;b', '', 'a\u0000'])(
  'lets no name or data become a line of its own: %j',
  (text) => {
    expect(() => updateText({ ...update, zone: text })).toThrow(TypeError)
    expect(() => updateText({ ...update, deletes: [{ name: text, type: 'A' }] })).toThrow(TypeError)
    const [add] = update.adds
    if (text.includes('\n') || text.includes('\u0000') || text === '')
      expect(() => updateText({ ...update, adds: [{ ...add!, data: text }] })).toThrow(TypeError)
  },
)

it('tells of a server that does not answer', async () => {
  expect(await sendUpdate(update)).toMatchObject({ kind: 'failed' })
})
