import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock as clock } from '../adapters/clock/system-clock.ts'
import { openSqliteStore } from '../adapters/sql/sqlite-store.ts'
import type { Store } from '../ports/store.ts'
import { CONTROL_ITSELF } from './actor.ts'
import type { ChangeOrder } from './change-order.ts'
import { ConfigurationService } from './configuration-service.ts'

let folder: string
let store: Store
/** Calls of the store's reading methods. */
let reads: string[]
let service: ConfigurationService

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-service-'))
  store = await openSqliteStore({ path: join(folder, 'control.sqlite') })
  reads = []
  const watched = new Proxy(store, {
    get: (target, key) => {
      if (String(key).startsWith('revision')) reads.push(String(key))
      const member = Reflect.get(target, key) as unknown
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
  service = new ConfigurationService({
    ...{ store: watched, clock, publish: () => undefined, onRevision: () => undefined },
  })
  await service.load()
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const putSite = (id: string, country: string): ChangeOrder => ({
  ...{ actor: { ...CONTROL_ITSELF, name: 'ann' }, message: '', dryRun: false },
  request: { id, digest: country },
  decide: () => ({
    kind: 'changes',
    changes: [
      {
        op: 'put',
        kind: 'site',
        key: 'ams',
        spec: { name: 'ams', country, checkers: [], canaries: [] },
        pointer: '',
      },
    ],
  }),
})

it('a retry that would change nothing is found by its id, and the history is not read for it', async () => {
  const first = await service.change(putSite('one', 'NL'))
  for (const country of ['BE', 'NL']) await service.change(putSite(country, country))
  expect(first).toMatchObject({ kind: 'committed', revision: 1 })
  expect(await service.change(putSite('one', 'NL'))).toMatchObject({ kind: 'committed', revision: 1 })
  expect(await service.change(putSite('new', 'NL'))).toMatchObject({ kind: 'unchanged', revision: 3 })
  expect(reads).toEqual(['revisionOfChangeSet', 'revisionOfChangeSet'])
})

it('nothing else is taken for the change set of an id: who may not do it hears that, who may chooses another id', async () => {
  await service.change(putSite('one', 'NL'))
  const viewer = { name: 'eve', from: '192.0.2.9', access: { role: 'viewer' } } as const
  expect(await service.change({ ...putSite('one', 'BE'), actor: viewer })).toMatchObject({
    kind: 'forbidden',
  })
  expect(await service.change(putSite('one', 'BE'))).toMatchObject({
    kind: 'refused-step',
    detail: "the id 'one' is that of another change set or proposal: nothing was changed; choose another id",
  })
  expect(await store.head()).toBe(1)
})

it('who changes nothing is told so, whatever else is wrong; a dry run waits for nobody', async () => {
  const viewer = { name: 'eve', from: '192.0.2.9', access: { role: 'viewer' } } as const
  const failing = () => ({ kind: 'precondition-failed', detail: 'x' }) as const
  expect(await service.change({ ...putSite('one', 'NL'), actor: viewer, decide: failing })).toEqual({
    kind: 'forbidden',
    reasons: ['the role viewer changes nothing'],
  })
  const order: string[] = []
  const slow = service.change(putSite('one', 'NL')).then(() => order.push('change'))
  const dry = service.change({ ...putSite('two', 'BE'), dryRun: true }).then(() => order.push('dry run'))
  await Promise.all([slow, dry])
  expect(order).toEqual(['dry run', 'change'])
})

it('what no reader could read again is not committed, whoever made it', async () => {
  expect(await service.change(putSite('one', 'Netherlands'))).toMatchObject({
    kind: 'invalid',
    faults: [{ message: expect.stringContaining("the site 'ams' would be damaged: country: ") as unknown }],
  })
  expect((await store.load()).revision).toBe(0)
})
