/** The contract of every history of transitions. `open` gives a store on the same place each time. */
import { describe, expect, it } from 'vitest'
import type { RecordedTransition } from '../../src/ports/history.ts'
import { storesAt, type StorePlace } from './store-places.ts'

const T = 1_764_000_000_000

function transition(
  endpoint: string,
  atMs: number,
  more: Partial<RecordedTransition> = {},
): RecordedTransition {
  return {
    ...{ endpoint, atMs, control: 'c1', from: 'up', to: 'down', degraded: false, rule: 'quorum-down' },
    ...{ reason: 'web: connection refused', quorum: { down: 2, up: 2 }, lastUp: 7 },
    votes: [
      {
        site: 'ams',
        vote: 'down',
        degraded: false,
        ballots: [{ checker: 'ams-1', live: true, fenced: false, state: 'down' }],
      },
    ],
    ...more,
  }
}

export function describeHistory(name: string, make: () => Promise<StorePlace>): void {
  describe(`${name}: the contract of a history`, () => {
    const opening = storesAt(make)
    const open = async () => (await opening()).history

    it('gives back what was recorded, newest first, in pages, after another opening too', async () => {
      const history = await open()
      const all = [1, 2, 3, 4].map((at) => transition('web/a', T + at, { to: at % 2 === 0 ? 'up' : 'down' }))
      expect(await history.record([...all, transition('web/b', T)])).toBe(5)
      const again = await open()
      const page = await again.of('web/a', { limit: 3 })
      expect(page).toEqual(all.toReversed().slice(0, 3))
      expect(await again.of('web/a', { limit: 3, before: page.at(-1)!.atMs })).toEqual(all.slice(0, 1))
      expect(await again.of('web/a', { limit: 9, since: T + 3 })).toHaveLength(2)
      expect(await again.of('web/none', { limit: 9 })).toEqual([])
    })

    it('keeps what two controls saw of one transition once, and each control its own', async () => {
      const [one, two] = [await open(), await open()]
      expect(await one.record([transition('web/a', T)])).toBe(1)
      expect(await two.record([transition('web/a', T + 900, { control: 'c2' })])).toBe(0)
      // The same again, when its acknowledgement was lost.
      expect(await one.record([transition('web/a', T)])).toBe(0)
      // A flapping endpoint is no repetition.
      expect(
        await one.record([transition('web/a', T + 1_000, { to: 'up' }), transition('web/a', T + 2_000)]),
      ).toBe(2)
      expect(await two.record([transition('web/a', T + 60_000, { control: 'c2' })])).toBe(1)
      expect((await two.of('web/a', { limit: 9 })).map(({ control }) => control)).toEqual([
        'c2',
        'c1',
        'c1',
        'c1',
      ])
    })

    it('of two controls that write at once one is taken', async () => {
      const [one, two] = [await open(), await open()]
      const counts = await Promise.all([
        one.record([transition('web/a', T)]),
        two.record([transition('web/a', T + 5, { control: 'c2' })]),
      ])
      expect(counts.toSorted()).toEqual([0, 1])
    })

    it('knows the last transition of each endpoint up to a moment', async () => {
      const history = await open()
      await history.record([
        transition('web/a', T),
        transition('web/a', T + 10_000, { to: 'up' }),
        transition('web/b', T + 5_000),
        transition('web/c', T + 20_000),
      ])
      const asOf = async (atMs: number) =>
        (await history.asOf(atMs)).map(({ endpoint, to }) => `${endpoint} ${to}`)
      expect(await asOf(T - 1)).toEqual([])
      expect(await asOf(T + 5_000)).toEqual(['web/a down', 'web/b down'])
      expect(await asOf(T + 15_000)).toEqual(['web/a up', 'web/b down'])
    })

    it('knows the first transition of each endpoint after a moment', async () => {
      const history = await open()
      await history.record([
        transition('web/a', T),
        transition('web/a', T + 10_000, { to: 'up' }),
        transition('web/b', T + 5_000),
      ])
      const after = async (atMs: number) =>
        (await history.firstAfter(atMs)).map(({ endpoint, to }) => `${endpoint} ${to}`)
      expect(await after(T - 1)).toEqual(['web/a down', 'web/b down'])
      expect(await after(T)).toEqual(['web/a up', 'web/b down'])
      expect(await after(T + 5_000)).toEqual(['web/a up'])
      expect(await after(T + 10_000)).toEqual([])
    })

    it('prunes the oldest, a few at a time, and no others', async () => {
      const history = await open()
      await history.record([1, 2, 3, 4].map((at) => transition(`web/${at}`, T + at)))
      expect(await history.prune(T + 4, 2)).toBe(2)
      expect(await history.prune(T + 4, 2)).toBe(1)
      expect(await history.prune(T + 4, 2)).toBe(0)
      expect((await history.asOf(T + 9)).map(({ endpoint }) => endpoint)).toEqual(['web/4'])
    })
  })
}
