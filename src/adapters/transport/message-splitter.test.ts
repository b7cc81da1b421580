import { expect, it } from 'vitest'
import { MessageSplitter, withLength } from './message-splitter.ts'

it('splits by length alone, in whatever pieces the bytes come, and refuses what is too long at its prefix', () => {
  const messages = [1, 70, 0, 3_000].map((length) => Buffer.alloc(length, length % 251))
  const stream = Buffer.concat(messages.map(withLength))
  for (const step of [1, 2, 3, 5, 64, 4_096]) {
    const splitter = new MessageSplitter(3_000)
    const found: Buffer[] = []
    for (let at = 0; at < stream.length; at += step)
      for (const message of splitter.push(stream.subarray(at, at + step))) found.push(Buffer.from(message))
    expect(found).toEqual(messages)
  }
  expect(() => [...new MessageSplitter(2_999).push(stream)]).toThrow('a message of 3000 bytes')
})
