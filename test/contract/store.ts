/**
 * The contract of every store, whatever it stands on. `open` gives a store on the same place each time it is called
 * within one test, so that the suite can close it, open it again, and open it twice.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/core/model/resource.ts'
import type { ChangeSet } from '../../src/ports/store.ts'
import { arbitraryChanges, site, sorted, StoreModel } from './store-model.ts'
import { storesAt, type StorePlace } from './store-places.ts'

let next = 0

function changeSet(baseRevision: number, changes: readonly Change[], id = `change-set-${next++}`): ChangeSet {
  return {
    id,
    baseRevision,
    author: 'ann',
    from: 'test',
    atMs: 1_764_000_000_000 + next,
    message: `because of ${id}`,
    changes,
  }
}

export function describeStore(name: string, make: () => Promise<StorePlace>): void {
  describe(`${name}: the contract of a store`, () => {
    const open = storesAt(make)

    it('is empty at first', async () => {
      const store = await open()
      expect(await store.head()).toBe(0)
      expect(await store.load()).toEqual({ revision: 0, resources: [] })
      expect(await store.revisions({ limit: 10 })).toEqual([])
      expect(await store.revisionsAfter(0, 10)).toEqual([])
      expect(await store.revision(1)).toBeNull()
      expect(await store.revisionOfChangeSet('none')).toBeNull()
      expect(await store.tokens()).toEqual([])
    })

    it('gives back what was committed, with before and after', async () => {
      const store = await open()
      const first = changeSet(0, [site('ams', 'NL'), site('fra', 'DE')])
      expect(await store.commit(first)).toMatchObject({ kind: 'committed', revision: { number: 1 } })
      const second = changeSet(1, [site('ams', 'BE'), { op: 'delete', kind: 'site', key: 'fra' }])
      const outcome = await store.commit(second)
      const { id, author, atMs, message } = second
      const revision = {
        number: 2,
        changeSetId: id,
        author,
        atMs,
        message,
        changes: [
          {
            kind: 'site',
            key: 'ams',
            before: { name: 'ams', country: 'NL', checkers: [], canaries: [] },
            after: { name: 'ams', country: 'BE', checkers: [], canaries: [] },
          },
          {
            kind: 'site',
            key: 'fra',
            before: { name: 'fra', country: 'DE', checkers: [], canaries: [] },
            after: null,
          },
        ],
      }
      expect(outcome).toEqual({ kind: 'committed', revision })
      expect(await store.revision(2)).toEqual(revision)
      expect(await store.load()).toEqual({
        revision: 2,
        resources: [
          {
            resource: {
              kind: 'site',
              key: 'ams',
              spec: { name: 'ams', country: 'BE', checkers: [], canaries: [] },
            },
            revision: 2,
          },
        ],
      })
    })

    it('refuses a commit on another base than the head, older or newer, and keeps nothing of it', async () => {
      const store = await open()
      await store.commit(changeSet(0, [site('ams')]))
      expect(await store.commit(changeSet(0, [site('fra')]))).toEqual({ kind: 'conflict', head: 1 })
      expect(await store.commit(changeSet(2, [site('fra')]))).toEqual({ kind: 'conflict', head: 1 })
      expect((await store.load()).resources).toHaveLength(1)
      expect(await store.head()).toBe(1)
    })

    it('applies an id once, also after later commits and another opening', async () => {
      const store = await open()
      const first = changeSet(0, [site('ams')])
      const committed = await store.commit(first)
      await store.commit(changeSet(1, [site('fra')]))
      const revision = await store.revision(1)
      expect(committed).toEqual({ kind: 'committed', revision })
      expect(await store.commit(first)).toEqual({ kind: 'already-committed', revision })
      expect(await store.commit({ ...first, baseRevision: 2 })).toEqual({
        kind: 'already-committed',
        revision,
      })
      await store.close()
      expect(await (await open()).commit(first)).toEqual({ kind: 'already-committed', revision })
      expect(await (await open()).head()).toBe(2)
    })

    it('refuses an empty change set and one that changes a resource twice', async () => {
      const store = await open()
      await expect(store.commit(changeSet(0, []))).rejects.toThrow(/changes nothing/)
      await expect(store.commit(changeSet(0, [site('ams'), site('ams', 'DE')]))).rejects.toThrow(/twice/)
      expect(await store.head()).toBe(0)
    })

    it('keeps text as it is: quotes, other scripts, line breaks; what is no text becomes U+FFFD', async () => {
      const store = await open()
      const message = `'; drop table revisions; -- "\\ \n 例え 🛟 %s \${x}`
      await store.commit({ ...changeSet(0, [site('ams')]), message, author: "o'hara" })
      expect(await store.revision(1)).toMatchObject({ message, author: "o'hara" })
      await store.commit({ ...changeSet(1, [site('fra')]), message: 'nul \0 half \ud83d' })
      expect(await store.revision(2)).toMatchObject({ message: 'nul \ufffd half \ufffd' })
    })

    it('is what the model says after any sequence of commits, retries and openings', async () => {
      const step = fc.oneof(
        { weight: 8, arbitrary: fc.record({ kind: fc.constant('commit'), changes: arbitraryChanges() }) },
        {
          weight: 3,
          arbitrary: fc.record({
            kind: fc.constant('stale'),
            changes: arbitraryChanges(),
            off: fc.constantFrom(-3, -2, -1, 1),
          }),
        },
        { weight: 3, arbitrary: fc.record({ kind: fc.constant('retry'), pick: fc.nat() }) },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen') }) },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
          const model = new StoreModel()
          const sets: ChangeSet[] = []
          const fresh = await make()
          let store = await fresh.open()
          try {
            for (const each of steps) {
              if (each.kind === 'reopen') {
                await store.close()
                store = await fresh.open()
                continue
              }
              const base = 'off' in each ? Math.max(0, model.head + each.off) : model.head
              const set = 'changes' in each ? changeSet(base, each.changes) : sets[each.pick % sets.length]
              if (set === undefined) continue
              sets.push(set)
              expect(await store.commit(set)).toEqual(model.commit(set))
            }
            const { revision, resources } = await store.load()
            expect({ revision, resources: sorted(resources) }).toEqual({
              revision: model.head,
              resources: sorted(model.load().resources),
            })
            expect(await store.head()).toBe(model.head)
            expect(await store.revisionsAfter(0, 1_000)).toEqual(model.revisions)
            for (const { id } of sets) {
              const found = model.revisions.find((revision) => revision.changeSetId === id)
              expect(await store.revisionOfChangeSet(id)).toEqual(found ?? null)
            }
          } finally {
            await store.close()
            await fresh.remove()
          }
        }),
        { numRuns: 40 },
      )
    })

    it('tells a retry from another request under the same id', async () => {
      const store = await open()
      const first = { ...changeSet(0, [site('ams')]), requestDigest: 'one' }
      await store.commit(first)
      expect(await store.commit(first)).toMatchObject({ kind: 'already-committed' })
      expect(await store.commit({ ...first, baseRevision: 1, requestDigest: 'other' })).toEqual({
        kind: 'taken',
      })
      expect(await store.revisionOfChangeSet(first.id, 'one')).toMatchObject({ number: 1 })
      expect(await store.revisionOfChangeSet(first.id, 'other')).toBe('taken')
      expect(await store.head()).toBe(1)
    })

    it('numbers revisions without a hole, and pages do not move while more come', async () => {
      const store = await open()
      for (let base = 0; base < 23; base++) await store.commit(changeSet(base, [site('ams'), site('fra')]))
      const newest = await store.revisions({ limit: 5 })
      await store.commit(changeSet(23, [site('ber')]))
      const pages = [...newest]
      for (let last = newest.at(-1); last !== undefined; last = pages.at(-1)) {
        const page = await store.revisions({ before: last.number, limit: 5 })
        if (page.length === 0) break
        pages.push(...page)
      }
      expect(pages.map((revision) => revision.number)).toEqual(
        Array.from({ length: 23 }, (_, index) => 23 - index),
      )
      expect(pages.every((revision) => revision.changes.length === 2)).toBe(true)

      const caughtUp = []
      for (let after = 20; ; after = caughtUp.at(-1) ?? after) {
        const page = await store.revisionsAfter(after, 2)
        if (page.length === 0) break
        caughtUp.push(...page.map((revision) => revision.number))
      }
      expect(caughtUp).toEqual([21, 22, 23, 24])
    })

    it('of commits on one head at once exactly one wins, in one store and in two', async () => {
      const stores = [await open(), await open()]
      for (let head = 0; head < 10; head++) {
        const tries = Array.from({ length: 8 }, (_, index) =>
          stores[index % 2]!.commit(changeSet(head, [site(`site-${index}`)])),
        )
        const outcomes = await Promise.all(tries)
        expect(outcomes.filter((outcome) => outcome.kind === 'committed')).toHaveLength(1)
        for (const outcome of outcomes)
          if (outcome.kind !== 'committed') expect(outcome).toEqual({ kind: 'conflict', head: head + 1 })
      }
      expect(await stores[0]!.head()).toBe(10)
      expect(await stores[1]!.load()).toEqual(await stores[0]!.load())
    })

    it('of one id at once exactly one is committed', async () => {
      const stores = [await open(), await open()]
      const set = changeSet(0, [site('ams')])
      const outcomes = await Promise.all([0, 1, 0, 1].map((index) => stores[index]!.commit(set)))
      expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual([
        'already-committed',
        'already-committed',
        'already-committed',
        'committed',
      ])
    })

    it('loads one state, never a mixture, while others commit', async () => {
      const [writer, reader] = [await open(), await open()]
      const commits = (async () => {
        for (let base = 0; base < 20; base++)
          await writer.commit(changeSet(base, [site('ams'), site('fra'), site('ber')]))
      })()
      for (let seen = 0; seen < 20;) {
        const { revision, resources } = await reader.load()
        expect(resources.map((stored) => stored.revision)).toEqual(
          revision === 0 ? [] : Array(3).fill(revision),
        )
        seen = revision
      }
      await commits
    })

    it('takes a change set of many batches as one revision, in its order', async () => {
      const store = await open()
      const names = Array.from({ length: 1_201 }, (_, index) => `site-${(index * 7) % 1_201}`)
      await store.commit(
        changeSet(
          0,
          names.map((each) => site(each)),
        ),
      )
      expect((await store.load()).resources).toHaveLength(1_201)
      const deletions = names.map((key): Change => ({ op: 'delete', kind: 'site', key }))
      await store.commit(changeSet(1, deletions))
      const revision = await store.revision(2)
      expect(revision?.changes).toEqual(
        names.map((key) => ({
          kind: 'site',
          key,
          before: { name: key, country: 'NL', checkers: [], canaries: [] },
          after: null,
        })),
      )
      expect((await store.load()).resources).toEqual([])
    })

    it('closes after what is under way; closing twice is harmless, use after closing is an error', async () => {
      const store = await open()
      const commit = store.commit(changeSet(0, [site('ams')]))
      await Promise.all([commit, store.close()])
      await store.close()
      await expect(store.head()).rejects.toThrow()
      expect(await (await open()).head()).toBe(1)
    })
  })
}
