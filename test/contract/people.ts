/** The contract of every store for tokens and for the audit log, whatever it stands on. */
import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../src/ports/audit.ts'
import type { StoredToken } from '../../src/ports/store.ts'
import { site } from './store-model.ts'
import { storesAt, type StorePlace } from './store-places.ts'

/** Of the making of a token. */
export function tokenEntry(id: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    ...{ id, atMs: 1_764_000_000_000, actor: 'ann', from: '192.0.2.1', action: 'token create' },
    ...{ outcome: 'done', revision: null, detail: `token ${id}`, changes: [], changeCount: 0, times: 1 },
    ...more,
  }
}

function token(id: string, createdAtMs: number, more: Partial<StoredToken> = {}): StoredToken {
  const hash = `hash-${id}`
  return { id, name: `of ${id}`, hash, createdAtMs, access: { role: 'admin' }, expiresAtMs: null, ...more }
}

const SCOPED: Partial<StoredToken> = {
  access: { role: 'editor', scope: { zones: ['*.example.test'], pools: ['web', 'api-*'] } },
  expiresAtMs: 1_999_000_000_000,
}

export function describePeople(name: string, make: () => Promise<StorePlace>): void {
  describe(`${name}: the contract for tokens and the audit log`, () => {
    const open = storesAt(make)

    it('keeps tokens with their limits, oldest first, each id and hash once', async () => {
      const store = await open()
      await store.addToken(token('b', 2), tokenEntry('1'))
      await store.addToken(token('a', 1, SCOPED), tokenEntry('2'))
      await store.addToken(token('v', 3, { access: { role: 'viewer' } }), tokenEntry('3'))
      const twice = { code: 'unique' }
      await expect(store.addToken(token('b', 3), tokenEntry('4'))).rejects.toMatchObject(twice)
      await expect(store.addToken(token('a', 3, SCOPED), tokenEntry('5'))).rejects.toMatchObject(twice)
      await expect(store.addToken(token('c', 3, { hash: 'hash-b' }), tokenEntry('6'))).rejects.toMatchObject(
        twice,
      )
      await store.close()
      const again = await open()
      const viewer = token('v', 3, { access: { role: 'viewer' } })
      expect(await again.tokens()).toEqual([token('a', 1, SCOPED), token('b', 2), viewer])
      for (const id of ['a', 'b']) {
        expect(await again.removeToken(id, tokenEntry(`remove ${id}`))).toBe(true)
        expect(await again.removeToken(id, tokenEntry(`again ${id}`))).toBe(false)
      }
      expect(await again.tokens()).toEqual([viewer])
      const ids = (await again.audit.read({ limit: 100 })).map((entry) => entry.id)
      expect(ids).toEqual(['1', '2', '3', 'remove a', 'remove b'])
    })

    it('gives a token an end, one without limits too, and says so in the audit log', async () => {
      const store = await open()
      await store.addToken(token('full', 1), tokenEntry('1'))
      await store.addToken(token('scoped', 2, SCOPED), tokenEntry('2'))
      for (const [id, end] of [
        ['full', 5_000],
        ['scoped', 6_000],
      ] as const)
        expect(
          await store.rotateToken(id, (old) => ({
            token: { ...old, id: `new ${id}`, hash: `new ${id}` },
            oldExpiresAtMs: end,
            audit: [tokenEntry(`rotate ${id}`)],
          })),
        ).toMatchObject({ token: { id: `new ${id}` } })
      expect(await store.tokens()).toEqual([
        token('full', 1, { expiresAtMs: 5_000 }),
        { ...token('full', 1), id: 'new full', hash: 'new full' },
        { ...token('scoped', 2, SCOPED), id: 'new scoped', hash: 'new scoped' },
        token('scoped', 2, { ...SCOPED, expiresAtMs: 6_000 }),
      ])
      expect(await store.audit.tail(100)).toHaveLength(4)
    })

    it('takes a login once, from whoever comes first, with its token or not at all', async () => {
      const [store, beside] = [await open(), await open()]
      const login = { hash: 'of-an-id-token', untilMs: 9_000, nowMs: 1_000 }
      const add = (by: typeof store, id: string) =>
        by.addLogin(login, token(id, 1_000, { ...SCOPED, expiresAtMs: 5_000 }), tokenEntry(id))
      const outcomes = await Promise.all([
        add(store, 'a'),
        add(beside, 'b'),
        add(store, 'c'),
        add(beside, 'd'),
      ])
      expect(outcomes.filter((isFirst) => isFirst)).toHaveLength(1)
      expect(await add(store, 'e')).toBe(false)
      const winner = ['a', 'b', 'c', 'd'][outcomes.indexOf(true)]
      expect((await store.tokens()).map(({ id }) => id)).toEqual([winner])
      expect((await store.audit.tail(10)).map(({ id }) => id)).toEqual([winner])
    })

    it('forgets logins that are long over, with their tokens and no others', async () => {
      const store = await open()
      const add = (id: string, { untilMs, nowMs }: { untilMs: number; nowMs: number }) =>
        store.addLogin({ hash: id, untilMs, nowMs }, token(id, nowMs, SCOPED), tokenEntry(id))
      await store.addToken(token('other', 1, SCOPED), tokenEntry('other'))
      await add('first', { untilMs: 2_000, nowMs: 1_000 })
      await add('second', { untilMs: 3_000, nowMs: 2_000 })
      const ids = async () => (await store.tokens()).map(({ id }) => id)
      expect(await ids()).toEqual(['other', 'first', 'second'])
      await add('third', { untilMs: 9_000, nowMs: 2_001 })
      expect(await ids()).toEqual(['other', 'second', 'third'])
      expect(await store.audit.tail(10)).toHaveLength(4)
    })

    it('makes no new token of one that was revoked, and leaves the old one alone when the new one is not made', async () => {
      const [store, other] = [await open(), await open()]
      await store.addToken(token('gone', 1), tokenEntry('1'))
      await store.addToken(token('kept', 2), tokenEntry('2'))
      await other.removeToken('gone', tokenEntry('3'))
      const plan = (old: StoredToken) => ({
        ...{ token: { ...old, id: `new ${old.id}`, hash: 'new' }, oldExpiresAtMs: 5_000 },
        audit: [tokenEntry(`rotate ${old.id}`)],
      })
      expect(await store.rotateToken('gone', plan)).toBeNull()
      const taken = (old: StoredToken) => ({ ...plan(old), token: { ...old, id: 'new' } })
      await expect(store.rotateToken('kept', taken)).rejects.toMatchObject({ code: 'unique' })
      expect(await store.tokens()).toEqual([token('kept', 2)])
      expect(await store.audit.tail(100)).toHaveLength(3)
    })

    it('leaves an entry with each commit, and none where nothing was committed', async () => {
      const store = await open()
      const about = { author: 'ann', from: '192.0.2.7', atMs: 1_764_000_000_000, message: 'why' }
      const put = (id: string, baseRevision: number) => ({
        ...{ ...about, id, baseRevision, note: 'rule r broken: fire' },
        changes: [site('ams'), { op: 'delete', kind: 'site', key: 'gone' } as const],
      })
      await store.commit(put('one', 0))
      await store.commit(put('conflict', 0))
      await store.commit(put('one', 0))
      expect(await store.audit.read({ limit: 10 })).toEqual([
        {
          ...{
            id: 'one',
            atMs: about.atMs,
            actor: 'ann',
            from: '192.0.2.7',
            action: 'change',
            outcome: 'done',
          },
          ...{ revision: 1, detail: 'why; rule r broken: fire', times: 1, changeCount: 2 },
          changes: [
            { op: 'put', kind: 'site', key: 'ams' },
            { op: 'delete', kind: 'site', key: 'gone' },
          ],
        },
      ])
    })

    it('finds what was denied, however much was done since, and is not deceived by what somebody wrote', async () => {
      const store = await open()
      const entries = Array.from({ length: 90 }, (_, index) =>
        tokenEntry(`e${String(index).padStart(2, '0')}`, {
          ...{ atMs: 1_000 + index, detail: '"outcome":"denied"', actor: '","outcome":"denied"' },
          ...(index % 30 === 0 && { outcome: 'denied' as const }),
        }),
      )
      await store.audit.append(entries)
      const idsOf = (found: readonly AuditEntry[]) => found.map(({ id }) => id)
      expect(idsOf(await store.audit.tail(2, 'denied'))).toEqual(['e30', 'e60'])
      expect(idsOf(await store.audit.read({ limit: 10, outcome: 'denied' }))).toEqual(['e00', 'e30', 'e60'])
      const after = { atMs: 1_000, id: 'e00' }
      expect(idsOf(await store.audit.read({ limit: 1, outcome: 'denied', after }))).toEqual(['e30'])
      expect(await store.audit.tail(100, 'done')).toHaveLength(87)
    })

    it('names of a large change set the first, and how many there were', async () => {
      const store = await open()
      const changes = Array.from({ length: 600 }, (_, index) => site(`s${index}`))
      const about = { author: 'ann', from: 'test', atMs: 1, message: '' }
      await store.commit({ ...about, id: 'large', baseRevision: 0, changes })
      const [entry] = await store.audit.tail(1)
      expect(entry).toMatchObject({ changeCount: 600, revision: 1 })
      expect(entry?.changes).toHaveLength(50)
    })

    it('reads page by page in order of time, from a time on, and appends an entry once', async () => {
      const store = await open()
      const entries = Array.from({ length: 620 }, (_, index) =>
        tokenEntry(`e${String(index).padStart(3, '0')}`, { atMs: 1_000 + Math.floor(index / 3) }),
      )
      await Promise.all([store.audit.append(entries), (await open()).audit.append(entries.slice(0, 300))])
      const read: AuditEntry[] = []
      for (;;) {
        const after = read.at(-1)
        const page = await store.audit.read({ ...(after && { after }), limit: 97 })
        read.push(...page)
        if (page.length < 97) break
      }
      expect(read).toEqual(entries)
      expect(await store.audit.read({ sinceMs: 1_205, limit: 100 })).toEqual(entries.slice(615))
      expect(await store.audit.tail(4)).toEqual(entries.slice(-4))
      await store.audit.append([])
    })
  })
}
