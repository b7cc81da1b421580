import { expect, it } from 'vitest'
import { nativeStatus } from './native-status.ts'

const lease = { name: 'native', holder: 'c1-native 1', epoch: 3, beat: 1, lastsMs: 3_000 }
const standing = { place: 'postgres://db/pdns', holder: 'c1-native 1', isHeld: true, lease, fault: null }

it.each([
  [{}, 'attached', 'publishes into postgres://db/pdns, epoch 3'],
  [{ isHeld: false }, 'starting', 'postgres://db/pdns does not answer: the last plan stands'],
  [{ holder: 'c2-native 2', isHeld: false }, 'attached', 'stands by: c1-native publishes, epoch 3'],
  [{ lease: { ...lease, holder: '' }, isHeld: false }, 'attached', 'stands by: nobody publishes, epoch 3'],
  [{ lease: null, isHeld: false }, 'starting', 'no lease of postgres://db/pdns yet'],
  [{ fault: 'it is away' }, 'down', 'it is away'],
] as const)('%o: %s', (change, state, detail) => {
  expect(nativeStatus({ ...standing, ...change })).toMatchObject({ state, detail })
})
