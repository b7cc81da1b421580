/** The contract of every storage of leases. `open` gives a store on the same place each time. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { LeaseStorage } from '../../src/ports/leases.ts'
import { storesAt, type StorePlace } from './store-places.ts'

const claim = (holder: string) => ({ name: 'work', holder, lastsMs: 1_000 })

export function describeLeases(name: string, make: () => Promise<StorePlace>): void {
  describe(`${name}: the contract of leases`, () => {
    const opening = storesAt(make)
    let one: LeaseStorage
    let two: LeaseStorage
    beforeEach(async () => {
      one = (await opening()).leases
      two = (await opening()).leases
    })

    it('gives a lease that nobody ever held, and beats are seen by others', async () => {
      expect(await one.read('work')).toBeNull()
      const taken = await one.take(claim('a'), null)
      expect(taken).toEqual({ ...claim('a'), epoch: 1, beat: 0 })
      expect(await two.read('work')).toEqual(taken)
      expect(await one.renew(taken!)).toEqual({ ...taken, beat: 1 })
      expect(await two.read('work')).toEqual({ ...taken, beat: 1 })
      expect(await two.read('other')).toBeNull()
    })

    it('of several that take at once one gets it', async () => {
      for (let epoch = 1; epoch <= 5; epoch += 1) {
        const seen = await one.read('work')
        const tries = ['a', 'b', 'c', 'd'].map((holder, index) =>
          (index % 2 === 0 ? one : two).take(claim(`${holder}${epoch}`), seen),
        )
        const taken = (await Promise.all(tries)).filter((lease) => lease !== null)
        expect(taken).toEqual([await two.read('work')])
        expect(taken[0]!.epoch).toBe(epoch)
      }
    })

    it('is not taken from a holder that has beaten since it was seen', async () => {
      const held = await one.take(claim('a'), null)
      const seen = await two.read('work')
      await one.renew(held!)
      expect(await two.take(claim('b'), seen)).toBeNull()
      expect((await two.read('work'))!.holder).toBe('a')
    })

    it('fences a holder that was taken over: it can neither renew nor release, and never gets its epoch back', async () => {
      const old = await one.take(claim('a'), null)
      const taken = await two.take(claim('b'), await two.read('work'))
      expect(taken).toMatchObject({ holder: 'b', epoch: 2 })
      expect(await one.renew(old!)).toBeNull()
      await one.release(old!)
      expect(await one.read('work')).toEqual(taken)
      expect(await one.take(claim('a'), await one.read('work'))).toMatchObject({ holder: 'a', epoch: 3 })
      expect(await two.renew(taken!)).toBeNull()
    })

    it('is released with its epoch, so that the next one comes after it', async () => {
      const held = await one.take(claim('a'), null)
      await one.release(held!)
      const seen = await two.read('work')
      expect(seen).toMatchObject({ holder: '', epoch: 1 })
      expect(await one.renew(held!)).toBeNull()
      expect(await two.take(claim('b'), seen)).toMatchObject({ holder: 'b', epoch: 2 })
    })
  })
}
