/** Approvals that are cut off between the commit and the note that it was decided, as kill -9 does. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock as clock } from '../../adapters/clock/system-clock.ts'
import { openSqliteStore } from '../../adapters/sql/sqlite-store.ts'
import type { Store } from '../../ports/store.ts'
import { CONTROL_ITSELF } from '../actor.ts'
import type { RequestedChange } from '../change-plan.ts'
import { ConfigurationService } from '../configuration-service.ts'
import { entryOf, ProposalService } from './proposal-service.ts'

const [ann, bob] = ['ann', 'bob'].map((name) => ({ ...CONTROL_ITSELF, name })) as [
  typeof CONTROL_ITSELF,
  typeof CONTROL_ITSELF,
]
const site = (country: string): RequestedChange => {
  const spec = { name: 'ams', country, checkers: [], canaries: [] }
  return { op: 'put', kind: 'site', key: 'ams', spec, pointer: '' }
}

let folder: string
let store: Store
let service: ConfigurationService

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-proposals-'))
  store = await openSqliteStore({ path: join(folder, 'control.sqlite') })
  service = new ConfigurationService({
    ...{ store, clock, publish: () => undefined, onRevision: () => undefined },
    propose: (proposal, actor) =>
      store.proposals.add(proposal, entryOf(proposal, { atMs: proposal.atMs, actor, action: 'propose' })),
  })
  await service.load()
  const protection = { name: 'site/ams', reason: 'why', author: '' }
  await change([
    site('NL'),
    { op: 'put', kind: 'protection', key: protection.name, spec: protection, pointer: '' },
  ])
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

function change(changes: readonly RequestedChange[]) {
  return service.change({
    ...{ actor: ann, message: '', dryRun: false },
    decide: () => ({ kind: 'changes', changes }),
  })
}

async function proposed(): Promise<string> {
  const result = await change([site('BE')])
  if (!('changes' in result) || result.proposal === undefined) throw new Error(`it is ${result.kind}`)
  return result.proposal
}

/** One whose process dies before it has noted the decision. */
function dying(): ProposalService {
  const proposals = new Proxy(store.proposals, {
    get: (target, key) => {
      if (key === 'decide') return () => Promise.reject(new Error('killed'))
      const member = Reflect.get(target, key) as unknown
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
  const revisionOfChangeSet = (id: string) => store.revisionOfChangeSet(id)
  return new ProposalService({ store: { proposals, revisionOfChangeSet }, service, clock })
}

it('an approval that was cut off is finished by the next one, and commits nothing twice', async () => {
  const id = await proposed()
  await expect(dying().approve(id, bob)).rejects.toThrow('killed')
  expect(await store.head()).toBe(2)
  const after = new ProposalService({ store, service, clock })
  expect((await after.list({ open: true, limit: 9 })).map((one) => one.id)).toEqual([id])
  expect(await after.approve(id, bob)).toMatchObject({ kind: 'committed', revision: 2 })
  expect(await store.head()).toBe(2)
  expect((await after.get(id)).decision).toMatchObject({ kind: 'approved', by: 'bob', revision: 2 })
})

it('what an approval committed before it was cut off cannot be rejected any more', async () => {
  const id = await proposed()
  await expect(dying().approve(id, bob)).rejects.toThrow('killed')
  const after = new ProposalService({ store, service, clock })
  await expect(after.reject(id, 'no', ann)).rejects.toMatchObject({
    kind: 'refused-step',
    message: `the proposal '${id}' was approved by 'fairlead' already`,
  })
  expect(await store.head()).toBe(2)
})

it('what has become so meanwhile is closed, and nothing is committed', async () => {
  const [first, second] = [await proposed(), await proposed()]
  const proposals = new ProposalService({ store, service, clock })
  expect(await proposals.approve(first, bob)).toMatchObject({ kind: 'committed', revision: 2 })
  expect(await proposals.approve(second, bob)).toMatchObject({ kind: 'unchanged', revision: 2 })
  expect(await proposals.list({ open: true, limit: 9 })).toEqual([])
  expect(await store.head()).toBe(2)
})
