/** Tokens of two controls on one store. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../adapters/clock/system-clock.ts'
import { openStore } from '../../adapters/sql/open-store.ts'
import type { Store } from '../../ports/store.ts'
import { CONTROL_ITSELF } from '../actor.ts'
import { TokenService } from './token-service.ts'

let folder: string
let stores: Store[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-tokens-'))
  stores = []
})
afterEach(async () => {
  for (const store of stores) await store.close()
  rmSync(folder, { recursive: true })
})

const files = new Map<string, string>()

async function control(owner: string, wrap = (store: Store): Store => store): Promise<TokenService> {
  const store = await openStore({ kind: 'sqlite', path: join(folder, 'control.sqlite') })
  stores.push(store)
  files.delete(owner)
  const file = {
    read: () => files.get(owner) ?? null,
    write: (token: string) => Promise.resolve(void files.set(owner, token)),
  }
  const service = new TokenService({ store: wrap(store), clock: systemClock, owner, file })
  await service.start()
  return service
}

it('a token that one control revoked does not come to life again by a rotation at the other', async () => {
  const [one, other] = [await control('c1'), await control('c2')]
  const { id } = await one.create({ name: 'deploy', role: 'editor' }, CONTROL_ITSELF)
  await other.refresh()
  expect(await one.remove(id, CONTROL_ITSELF)).toBe(true)
  expect(await other.rotate(id, { graceSec: 60 }, CONTROL_ITSELF)).toBeNull()
  expect((await stores[0]!.tokens()).map(({ name }) => name)).not.toContain('deploy')
  const actions = (await stores[0]!.audit.tail(100)).map(({ action }) => action)
  expect(actions).toContain('token revoke')
  expect(actions).not.toContain('token rotate')
})

it('a rotation is one write: the old one has its end with the new one, or there is no new one', async () => {
  const service = await control('c1')
  const { id, token } = await service.create({ name: 'deploy', role: 'editor' }, CONTROL_ITSELF)
  // All of it may be of one millisecond, in which entries have no order.
  const before = new Set((await stores[0]!.audit.tail(100)).map((entry) => entry.id))
  const rotated = await service.rotate(id, { graceSec: 0 }, CONTROL_ITSELF)
  expect(service.authenticate(token)).toBeNull()
  expect(service.authenticate(rotated?.token ?? '')).toMatchObject({ name: 'deploy', role: 'editor' })
  const added = (await stores[0]!.audit.tail(100)).filter((entry) => !before.has(entry.id))
  expect(added.map(({ action }) => action).sort()).toEqual(['token create', 'token rotate'])
})

it('a control has a token that works in its file again, whoever revokes the one that is there', async () => {
  const [one, other] = [await control('c1'), await control('c2')]
  await one.refresh()
  const idOf = (name: string): string => one.list().find((token) => token.name === name)?.id ?? ''
  const before = new Map(files)
  expect(await one.remove(idOf('local c1'), CONTROL_ITSELF)).toBe(true)
  expect(await one.remove(idOf('local c2'), CONTROL_ITSELF)).toBe(true)
  await Promise.all([other.refresh(), other.refresh()])
  for (const [owner, service] of [
    ['c1', one],
    ['c2', other],
  ] as const) {
    expect(service.authenticate(files.get(owner) ?? '')).toMatchObject({
      name: `local ${owner}`,
      role: 'admin',
    })
    expect(service.authenticate(before.get(owner) ?? '')).toBeNull()
  }
  expect((await stores[0]!.tokens()).map(({ name }) => name).sort()).toEqual(['local c1', 'local c2'])
})

it('a reading of the store that began before a revocation does not bring the token back', async () => {
  const [read, goOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  let isSlow = false
  const service = await control('c1', (store) =>
    Object.assign(Object.create(store) as Store, {
      addToken: store.addToken.bind(store),
      removeToken: store.removeToken.bind(store),
      tokens: async () => {
        const tokens = await store.tokens()
        if (isSlow) read.resolve(undefined)
        if (isSlow) await goOn.promise
        return tokens
      },
    }),
  )
  const { id, token } = await service.create({ name: 'deploy', role: 'editor' }, CONTROL_ITSELF)
  isSlow = true
  const refreshed = service.refresh()
  await read.promise
  await service.remove(id, CONTROL_ITSELF)
  goOn.resolve(undefined)
  await refreshed
  expect(service.authenticate(token)).toBeNull()
})
