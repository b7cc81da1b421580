import { expect, it } from 'vitest'
import { QueryLoad } from './query-load.ts'

it('tells whoever waits that nobody asks any more, then and later', async () => {
  // A program that ends at once, in place of the clients.
  const load = new QueryLoad({ prefix: ['false'], name: 'a.test', nameservers: [], questionsPerSec: 1 })
  await expect(load.until(() => false, 60_000)).rejects.toThrow('the clients have ended: 1')
  await expect(load.pass(60_000)).rejects.toThrow('the clients have ended')
  await load.end()
})
