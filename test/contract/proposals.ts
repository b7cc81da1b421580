/** The contract of every store for proposals, whatever it stands on. */
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/core/model/resource.ts'
import type { Proposal, ProposalDecision } from '../../src/ports/proposals.ts'
import type { ChangeSet } from '../../src/ports/store.ts'
import { tokenEntry } from './people.ts'
import { storesAt, type StorePlace } from './store-places.ts'

function proposal(id: string, atMs: number): Proposal {
  return {
    ...{ id, atMs, author: 'ann', from: '192.0.2.1', message: `why ${id}`, force: false, breakGlass: null },
    requestDigest: `digest of ${id}`,
    requested: [{ op: 'delete', kind: 'zone', key: 'a.test', pointer: '' }],
    changes: [{ kind: 'zone', key: 'a.test', before: { name: 'a.test' }, after: null }],
    ...{ protections: ['zone/a.test'], decision: null },
  }
}

const decision = (kind: ProposalDecision['kind'], by: string): ProposalDecision => ({
  ...{ kind, by, atMs: 9, reason: 'because', revision: kind === 'approved' ? 4 : null },
})

export function describeProposals(name: string, make: () => Promise<StorePlace>): void {
  describe(`${name}: the contract for proposals`, () => {
    const open = storesAt(make)

    it('keeps them as they were made, newest first, each id once, with an entry in the audit log', async () => {
      const store = await open()
      expect(await store.proposals.list({ open: false, limit: 10 })).toEqual([])
      expect(await store.proposals.get('one')).toBeNull()
      for (const [id, atMs] of [
        ['one', 1],
        ['two', 2],
        ['three', 3],
      ] as const)
        expect(await store.proposals.add(proposal(id, atMs), tokenEntry(`add ${id}`))).toEqual(
          proposal(id, atMs),
        )
      const again = await store.proposals.add(
        { ...proposal('one', 7), author: 'eve' },
        tokenEntry('add again'),
      )
      expect(again).toEqual(proposal('one', 1))
      await store.close()
      const other = await open()
      expect(await other.proposals.get('two')).toEqual(proposal('two', 2))
      const listed = await other.proposals.list({ open: true, limit: 2 })
      expect(listed.map(({ id, changeCount }) => [id, changeCount])).toEqual([
        ['three', 1],
        ['two', 1],
      ])
      const after = listed.at(-1)!
      const rest = await other.proposals.list({ open: true, limit: 2, after })
      expect(rest.map(({ id }) => id)).toEqual(['one'])
      // Of one moment: in order of id, none twice and none left out.
      await other.proposals.add(proposal('same', 2), tokenEntry('add same'))
      const pages = [(await other.proposals.list({ open: true, limit: 1 }))[0]!]
      for (let one = pages[0]; one !== undefined; pages.push(...(one === undefined ? [] : [one])))
        one = (await other.proposals.list({ open: true, limit: 1, after: one }))[0]
      expect(pages.map(({ id }) => id)).toEqual(['three', 'two', 'same', 'one'])
      expect(await other.audit.read({ limit: 10 })).toHaveLength(4)
    })

    it('are approved with the commit of their change set, and with nothing else under their id', async () => {
      const store = await open()
      const site = { op: 'put', kind: 'site', key: 'ams', spec: { name: 'ams', checkers: [], canaries: [] } }
      const changeSet = (id: string, baseRevision: number): ChangeSet => ({
        ...{ id, baseRevision, author: 'ann', from: '192.0.2.1', atMs: 5, message: '' },
        changes: [{ ...site, spec: { ...site.spec, country: 'NL' } } as Change],
      })
      const approvalBy = (by: string) => ({
        decision: { by, atMs: 9, reason: '' },
        audit: tokenEntry(`approval of ${by}`),
      })
      await store.proposals.add(proposal('one', 1), tokenEntry('add one'))
      await store.proposals.add(proposal('two', 2), tokenEntry('add two'))
      await store.proposals.decide('two', decision('rejected', 'eve'), tokenEntry('eve'))
      expect(await store.commit(changeSet('one', 0))).toEqual({ kind: 'taken' })
      for (const id of ['two', 'none'])
        expect(await store.commit({ ...changeSet(id, 0), approval: approvalBy('bob') })).toEqual({
          kind: 'decided',
        })
      expect(await store.load()).toEqual({ revision: 0, resources: [] })
      expect(await store.commit({ ...changeSet('one', 0), approval: approvalBy('bob') })).toMatchObject({
        kind: 'committed',
      })
      expect((await store.proposals.get('one'))?.decision).toEqual({
        ...{ kind: 'approved', by: 'bob', atMs: 9, reason: '', revision: 1 },
      })
      expect(await store.proposals.decide('one', decision('rejected', 'eve'), tokenEntry('late'))).toBe(false)
      expect(await store.proposals.add(proposal('x', 3), tokenEntry('add x'))).not.toBeNull()
      await store.commit({ ...changeSet('y', 1), changes: [{ op: 'delete', kind: 'site', key: 'ams' }] })
      expect(await store.proposals.add(proposal('y', 3), tokenEntry('add y'))).toBeNull()
      const noted = await store.audit.read({ limit: 99 })
      expect(noted.find(({ id }) => id === 'approval of bob')).toMatchObject({ revision: 1 })
      expect(noted.map(({ id }) => id)).not.toContain('late')
    })

    it('expire as they are decided, and are deleted when they are old and decided, oldest first', async () => {
      const store = await open()
      for (const [index, id] of ['five', 'one', 'two', 'three', 'four'].entries())
        await store.proposals.add(proposal(id, index === 0 ? 5 : index), tokenEntry(`add ${id}`))
      expect(await store.proposals.openBefore(4, 2)).toEqual(['one', 'two'])
      expect(await store.proposals.openBefore(4, 9)).toEqual(['one', 'two', 'three'])
      const expired = { ...decision('rejected', 'fairlead'), kind: 'expired' } as const
      expect(await store.proposals.decide('two', expired, tokenEntry('expiry'))).toBe(true)
      expect(await store.proposals.decide('two', decision('approved', 'bob'), tokenEntry('late'))).toBe(false)
      await store.proposals.decide('three', decision('rejected', 'eve'), tokenEntry('eve'))
      await store.proposals.decide('five', decision('rejected', 'eve'), tokenEntry('eve again'))
      expect((await store.proposals.get('two'))?.decision).toEqual(expired)
      expect(
        (await store.proposals.list({ open: false, limit: 9 })).map((one) => one.decision?.kind),
      ).toEqual([...['rejected', undefined, 'rejected', 'expired', undefined]])
      expect(await store.proposals.openBefore(9, 9)).toEqual(['one', 'four'])
      expect(await store.proposals.prune(5, 1)).toBe(1)
      expect(await store.proposals.get('two')).toBeNull()
      const other = await open()
      const pruned = await Promise.all([store.proposals.prune(5, 9), other.proposals.prune(5, 9)])
      expect(Math.max(...pruned)).toBe(1)
      // Open ones stay, however old, and so does the audit log.
      const left = await other.proposals.list({ open: false, limit: 9 })
      expect(left.map(({ id }) => id)).toEqual(['five', 'four', 'one'])
      expect((await other.audit.read({ limit: 99 })).map(({ id }) => id)).toContain('expiry')
    })

    it('are decided once, also by two at the same time', async () => {
      const [one, two] = [await open(), await open()]
      await one.proposals.add(proposal('one', 1), tokenEntry('add'))
      const decided = await Promise.all([
        one.proposals.decide('one', decision('approved', 'bob'), tokenEntry('bob')),
        two.proposals.decide('one', decision('rejected', 'eve'), tokenEntry('eve')),
      ])
      expect(decided.filter(Boolean)).toHaveLength(1)
      const kept = decided[0] ? decision('approved', 'bob') : decision('rejected', 'eve')
      expect(await two.proposals.get('one')).toEqual({ ...proposal('one', 1), decision: kept })
      expect(await one.proposals.list({ open: true, limit: 10 })).toEqual([])
      expect(await one.proposals.list({ open: false, limit: 10 })).toHaveLength(1)
      expect(await one.proposals.decide('none', decision('rejected', 'x'), tokenEntry('none'))).toBe(false)
      expect((await one.audit.read({ limit: 10 })).map(({ id }) => id).sort()).toEqual(
        ['add', decided[0] ? 'bob' : 'eve'].sort(),
      )
    })
  })
}
