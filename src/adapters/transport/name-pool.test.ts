import { expect, it } from 'vitest'
import { LIMIT } from './frame-format.ts'
import { Named, NamePool } from './name-pool.ts'

it('an endpoint under one definition is one object, and its register is one as long as it stays the same', () => {
  const pool = new NamePool()
  const first = pool.share(new Named('p/a', 'd1'))
  expect(pool.share(new Named('p/a', 'd1'))).toBe(first)
  expect(first.register('up', false)).toBe(first.register('up', false))
  expect(first.register('down', true)).toEqual({
    ...{ endpoint: 'p/a', definition: 'd1', state: 'down', degraded: true, output: [] },
  })
  expect(first.register('up', false)).toMatchObject({ state: 'up', degraded: false })
  const second = pool.share(new Named('p/a', 'd2'))
  expect([second.definition, pool.size]).toEqual(['d2', 1])
})

it('forgets all before it outgrows what one checker may have', () => {
  const pool = new NamePool()
  for (let index = 0; index <= LIMIT.endpoints; index += 1) pool.share(new Named(`p/e${index}`, 'd'))
  expect(pool.size).toBe(1)
})
