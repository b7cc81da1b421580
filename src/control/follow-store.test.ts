/** Two controls on one real store: each finds what the other commits. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../adapters/clock/system-clock.ts'
import { openSqliteStore } from '../adapters/sql/sqlite-store.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'
import type { Store } from '../ports/store.ts'
import type { ChangeOrder } from './change-order.ts'
import { ConfigurationService } from './configuration-service.ts'
import { StoreFollower } from './store-follower.ts'
import { CONTROL_ITSELF } from './actor.ts'
import { TokenService } from './people/token-service.ts'

let folder: string
let stores: Store[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-follow-'))
})
afterEach(async () => {
  for (const store of stores) await store.close()
  stores = []
  rmSync(folder, { recursive: true })
})

async function open(): Promise<Store> {
  const store = await openSqliteStore({ path: join(folder, 'store.sqlite') })
  stores.push(store)
  return store
}

async function control() {
  const published: ConfigurationSnapshot[] = []
  const told: number[] = []
  const service = new ConfigurationService({
    store: await open(),
    clock: systemClock,
    publish: (snapshot) => published.push(snapshot),
    onRevision: ({ number }) => told.push(number),
  })
  await service.load()
  const put = (name: string) => service.change(putting(name))
  return { service, published, told, put }
}

const putting = (name: string): ChangeOrder => ({
  ...{ actor: CONTROL_ITSELF, message: '', dryRun: false },
  decide: () => ({
    kind: 'changes',
    changes: [
      { op: 'put', kind: 'site', key: name, spec: { name, checkers: [], canaries: [] }, pointer: '' },
    ],
  }),
})

const sitesOf = (service: ConfigurationService) => [...service.current.configuration.site.keys()]

describe('a store that two controls share', () => {
  it('is followed: every revision of the other is published and told once, in order', async () => {
    const [one, other] = [await control(), await control()]
    await one.put('ams')
    await one.put('fra')
    await other.service.refresh()
    await other.service.refresh()
    expect(sitesOf(other.service)).toEqual(['ams', 'fra'])
    expect(other.told).toEqual([1, 2])
    expect(other.published.map(({ revision }) => revision)).toEqual([0, 2])
    expect(other.service.current.configuration).toEqual(one.service.current.configuration)
  })

  it('a change on an old head is decided again on the new one, and nothing is lost', async () => {
    const [one, other] = [await control(), await control()]
    await one.put('ams')
    expect(await other.put('fra')).toMatchObject({ kind: 'committed', revision: 2 })
    expect(sitesOf(other.service)).toEqual(['ams', 'fra'])
    expect(other.told).toEqual([1, 2])
  })

  it('a change that others forestall goes through when they let it, and is refused after a while if they never do', async () => {
    const other = await control()
    let [left, nowMs, secondsEach] = [20, 0, 0]
    const service = new ConfigurationService({
      store: await open(),
      clock: { ...systemClock, monotonicMs: () => nowMs },
      publish: () => undefined,
      onRevision: () => undefined,
      complete: async (plan) => {
        nowMs += secondsEach * 1_000
        if (left-- > 0) await other.put(`other-${left}`)
        return plan
      },
    })
    await service.load()
    expect(await service.change(putting('ours'))).toMatchObject({ kind: 'committed', revision: 21 })
    ;[left, secondsEach] = [1_000, 1]
    await expect(service.change(putting('late'))).rejects.toMatchObject({ kind: 'overloaded' })
    expect(sitesOf(service)).not.toContain('late')
  })

  it('a store that does not answer is asked again', async () => {
    const answers = [new Error('away'), null]
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const follower = new StoreFollower({
      look: () => {
        const answer = answers.shift()
        if (answer instanceof Error) return Promise.reject(answer)
        resolve(undefined)
        return Promise.resolve()
      },
      clock: systemClock,
      logger: pino({ level: 'silent' }),
    })
    follower.start()
    await promise
    await follower.stop()
  })

  it('each control has a token of its own, and takes those of the other', async () => {
    const files = new Map<string, string>()
    const tokens = async (owner: string) =>
      new TokenService({
        ...{ store: await open(), clock: systemClock, owner },
        file: {
          read: () => files.get(owner) ?? null,
          write: (token) => Promise.resolve(void files.set(owner, token)),
        },
      })
    const [one, other] = [await tokens('c1'), await tokens('c2')]
    expect([await one.start(), await other.start()]).toEqual(['made', 'made'])
    await one.refresh()
    for (const service of [one, other])
      for (const token of files.values()) expect(service.authenticate(token)).not.toBeNull()
    expect(await one.start()).toBe('kept')
  })

  it('knows a token that another control has made this moment, and asks the store of strangers seldom', async () => {
    const store = await open()
    let looks = 0
    const counted = new Proxy(store, {
      get: (target, key) => {
        if (key === 'tokens') looks += 1
        const member = Reflect.get(target, key) as unknown
        return typeof member === 'function' ? (member.bind(target) as unknown) : member
      },
    })
    const file = { read: () => null, write: () => Promise.resolve() }
    const service = new TokenService({ store: counted, clock: systemClock, file, owner: 'c1' })
    const other = new TokenService({ store: await open(), clock: systemClock, file, owner: 'c2' })
    await service.start()
    const { token } = await other.create({ name: 'deploy', role: 'editor' }, CONTROL_ITSELF)
    expect(service.authenticate(token)).toBeNull()
    expect(await service.recognise(token)).toMatchObject({ name: 'deploy', role: 'editor' })
    looks = 0
    const strangers = Array.from({ length: 50 }, (_, index) => `fairlead_${String(index).padStart(43, 'x')}`)
    expect(await Promise.all(strangers.map((one) => service.recognise(one)))).toEqual(
      strangers.map(() => null),
    )
    expect(looks).toBeLessThanOrEqual(1)
    expect(await service.recognise('guess')).toBeNull()
  })
})
