import { expect, it } from 'vitest'
import type { Lease } from './lease.ts'
import { freeInMs, sightOf } from './lease-sight.ts'

const lease: Lease = { name: 'work', holder: 'a', epoch: 3, beat: 7, lastsMs: 1_000 }

it('is free when nobody ever held it, and when it was released', () => {
  expect(freeInMs(sightOf(null, null, 5), 5)).toBe(0)
  expect(freeInMs(sightOf(null, { ...lease, holder: '' }, 5), 5)).toBe(0)
})

it('is free after it was seen unchanged for as long as it lasts, and not a moment before', () => {
  let sight = sightOf(null, lease, 100)
  for (const nowMs of [400, 800, 1_099]) {
    sight = sightOf(sight, { ...lease }, nowMs)
    expect(freeInMs(sight, nowMs)).toBe(1_100 - nowMs)
  }
  expect(freeInMs(sightOf(sight, lease, 1_100), 1_100)).toBe(0)
})

it.each([{ beat: 8 }, { epoch: 4 }, { holder: 'b' }])('begins anew with %o', (change) => {
  const sight = sightOf(sightOf(null, lease, 0), { ...lease, ...change }, 1_500)
  expect(freeInMs(sight, 1_500)).toBe(1_000)
})
