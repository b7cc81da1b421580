/** Approvals that are cut off, that race with a rejection, and that others would make something else of. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock as clock } from '../../adapters/clock/system-clock.ts'
import { openSqliteStore } from '../../adapters/sql/sqlite-store.ts'
import type { ChangeSet, Store } from '../../ports/store.ts'
import type { Access } from '../../core/access/access.ts'
import { CONTROL_ITSELF } from '../actor.ts'
import type { RequestedChange } from '../change-plan.ts'
import { ConfigurationService } from '../configuration-service.ts'
import { KEPT_DAYS, OldProposals } from './old-proposals.ts'
import { entryOf } from './proposal-entry.ts'
import { OPEN_DAYS } from './proposal-expiry.ts'
import { ProposalService } from './proposal-service.ts'

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
  service = serviceOn(store)
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

function serviceOn(store: Store, by = clock): ConfigurationService {
  return new ConfigurationService({
    ...{ store, clock: by, publish: () => undefined, onRevision: () => undefined },
    propose: (proposal, actor) =>
      store.proposals.add(proposal, entryOf(proposal, { atMs: proposal.atMs, actor, action: 'propose' })),
  })
}

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

/** A service whose store does something else around each commit. */
function around(commit: (work: () => ReturnType<Store['commit']>) => ReturnType<Store['commit']>) {
  const other = new Proxy(store, {
    get: (target, key) => {
      if (key === 'commit') return (changeSet: ChangeSet) => commit(() => target.commit(changeSet))
      const member = Reflect.get(target, key) as unknown
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
  return serviceOn(other)
}

it('an approval and its commit are one: cut off after it, it is decided', async () => {
  const id = await proposed()
  const dying = around(async (work) => {
    await work()
    throw new Error('killed')
  })
  await dying.load()
  await expect(new ProposalService({ store, service: dying, clock }).approve(id, bob)).rejects.toThrow(
    'killed',
  )
  expect(await store.head()).toBe(2)
  const after = new ProposalService({ store, service, clock })
  expect((await after.get(id)).decision).toMatchObject({ kind: 'approved', by: 'bob', revision: 2 })
  const message = `the proposal '${id}' was approved by 'bob' already`
  await expect(after.approve(id, bob)).rejects.toMatchObject({ kind: 'refused-step', message })
  await expect(after.reject(id, 'no', ann)).rejects.toMatchObject({ kind: 'refused-step', message })
})

it('what was rejected while its approval was on its way is not committed', async () => {
  const id = await proposed()
  const slow = around(async (work) => {
    await new ProposalService({ store, service, clock }).reject(id, 'wrong', ann)
    return work()
  })
  await slow.load()
  const approving = new ProposalService({ store, service: slow, clock })
  expect(await approving.approve(id, bob)).toMatchObject({ kind: 'refused-step' })
  expect(await store.head()).toBe(1)
  expect((await approving.get(id)).decision).toMatchObject({ kind: 'rejected', by: 'ann' })
  expect((await store.audit.read({ limit: 99 })).map(({ action }) => action)).not.toContain(
    'proposal approved',
  )
})

it('nothing else is committed under the id of a proposal, nor proposed', async () => {
  const id = await proposed()
  const order = {
    actor: { ...bob, name: 'eve' },
    message: '',
    dryRun: false,
    request: { id, digest: 'other' },
  }
  const free = { op: 'put', kind: 'site', key: 'fra', pointer: '' } as const
  const spec = { name: 'fra', country: 'DE', checkers: [], canaries: [] }
  for (const changed of [{ ...free, spec }, site('LU')])
    expect(
      await service.change({ ...order, decide: () => ({ kind: 'changes', changes: [changed] }) }),
    ).toMatchObject({ kind: 'refused-step' })
  const proposals = new ProposalService({ store, service, clock })
  expect(await proposals.approve(id, bob)).toMatchObject({ kind: 'committed', revision: 2 })
  expect(service.current.configuration.site.get('ams')?.country).toBe('BE')
})

it('is approved by nobody who may not make the change, also where nothing is left of it', async () => {
  const [first, second] = [await proposed(), await proposed()]
  const proposals = new ProposalService({ store, service, clock })
  const denied: Access[] = [{ role: 'viewer' }, { role: 'editor', scope: { zones: ['a.test'], pools: [] } }]
  for (const access of denied)
    expect(await proposals.approve(first, { ...bob, access })).toMatchObject({ kind: 'forbidden' })
  await proposals.approve(first, bob)
  for (const access of denied)
    expect(await proposals.approve(second, { ...bob, access })).toMatchObject({ kind: 'forbidden' })
  for (const access of denied)
    await expect(proposals.reject(second, 'no', { ...bob, access })).rejects.toMatchObject({
      kind: 'forbidden',
    })
  expect((await proposals.get(second)).decision).toBeNull()
  // Its author takes it back, whatever may be changed by now.
  expect((await proposals.reject(second, 'mine', { ...ann, access: denied[1]! })).decision).toMatchObject({
    kind: 'rejected',
  })
})

it('expires when nobody decided on it in time, whoever comes upon it; long after that it is deleted', async () => {
  const [first, second] = [await proposed(), await proposed()]
  const days = (count: number) => ({ ...clock, wallMs: () => clock.wallMs() + count * 86_400_000 })
  const expiring = (count: number) => new ProposalService({ store, service, clock: days(count) })
  await expect(expiring(OPEN_DAYS).approve(first, bob)).rejects.toMatchObject({
    ...{ kind: 'refused-step', message: expect.stringContaining('has expired: nobody decided') as unknown },
  })
  const logger = pino({ level: 'silent' })
  const after = (count: number, isOurs = true) =>
    new OldProposals({ proposals: store.proposals, clock: days(count), logger, isOurs: () => isOurs }).clean()
  await after(OPEN_DAYS, false)
  expect(await store.proposals.list({ open: true, limit: 9 })).toHaveLength(1)
  await Promise.all([after(OPEN_DAYS), after(OPEN_DAYS)])
  for (const id of [first, second])
    expect((await store.proposals.get(id))?.decision).toMatchObject({ kind: 'expired', by: 'fairlead' })
  expect(await store.head()).toBe(1)
  const noted = (await store.audit.read({ limit: 99 })).filter(({ action }) => action === 'proposal expired')
  expect(noted.map(({ actor, detail }) => [actor, detail.slice(0, 45)]).sort()).toEqual(
    [first, second].map((id) => ['fairlead', `proposal ${id}`]).sort(),
  )
  await after(KEPT_DAYS - 1)
  expect(await store.proposals.list({ open: false, limit: 9 })).toHaveLength(2)
  await after(KEPT_DAYS + 1)
  expect(await store.proposals.list({ open: false, limit: 9 })).toEqual([])
})

it('one that cannot be read stands in the way of no other one that has to be ended', async () => {
  const ids: string[] = []
  for (let count = 0; count < 3; count += 1) ids.push(await proposed())
  const damaged = new Set(ids.slice(0, 2))
  const asked: number[] = []
  const proposals = {
    prune: () => Promise.resolve(0),
    // As if a batch were one.
    openBefore: (_: number, limit: number) => {
      asked.push(limit)
      const many = Array.from({ length: 150 }, (__, count) => `damaged-${count}`)
      return store.proposals
        .openBefore(Number.MAX_SAFE_INTEGER, limit)
        .then((found) =>
          [...many, ...found.toSorted((a, b) => ids.indexOf(a) - ids.indexOf(b))].slice(0, limit),
        )
    },
    get: (id: string) =>
      damaged.has(id) || id.startsWith('damaged')
        ? Promise.reject(new Error('damaged'))
        : store.proposals.get(id),
    decide: store.proposals.decide.bind(store.proposals),
  }
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => lines.push(line) })
  await new OldProposals({ proposals, clock, logger, isOurs: () => true }).clean()
  const open = (await store.proposals.list({ open: true, limit: 9 })).map(({ id }) => id)
  expect(open.sort()).toEqual([...damaged].sort())
  expect(lines).toHaveLength(152)
  expect(asked).toEqual([100, 200])
})

it('is shown as expired from the moment on, also before that is written down', async () => {
  const id = await proposed()
  const { atMs } = (await store.proposals.get(id))!
  const endMs = atMs + OPEN_DAYS * 86_400_000
  const at = (nowMs: number) =>
    new ProposalService({ store, service, clock: { ...clock, wallMs: () => nowMs } })
  expect((await at(endMs - 1).list({ open: true, limit: 9 })).proposals).toHaveLength(1)
  expect((await at(endMs - 1).get(id)).decision).toBeNull()
  const decision = { kind: 'expired', by: 'fairlead', atMs: endMs }
  expect((await at(endMs).list({ open: true, limit: 9 })).proposals).toEqual([])
  // It is open in the store until somebody ends it: the page has a next one though it is empty.
  expect((await at(endMs).list({ open: true, limit: 1 })).last?.id).toBe(id)
  expect((await at(endMs).list({ open: false, limit: 9 })).proposals).toMatchObject([{ id, decision }])
  expect(await at(endMs).get(id)).toMatchObject({ id, decision })
  expect((await store.proposals.get(id))?.decision).toBeNull()
})

it('a retry of what nobody can approve any more is refused, whoever has come upon it', async () => {
  const order = {
    ...{ actor: ann, message: '', dryRun: false, request: { id: 'cs-1', digest: 'd' } },
    decide: () => ({ kind: 'changes' as const, changes: [site('BE')] }),
  }
  expect(await service.change(order)).toMatchObject({ kind: 'proposed', proposal: 'cs-1' })
  expect(await service.change(order)).toMatchObject({ kind: 'proposed', proposal: 'cs-1' })
  const late = { ...clock, wallMs: () => clock.wallMs() + OPEN_DAYS * 86_400_000 }
  const later = serviceOn(store, late)
  await later.load()
  const refused = {
    ...{ kind: 'precondition-failed', detail: "the proposal 'cs-1' has expired: choose another id" },
  }
  expect(await later.change(order)).toEqual(refused)
  const logger = pino({ level: 'silent' })
  await new OldProposals({ proposals: store.proposals, clock: late, logger, isOurs: () => true }).clean()
  expect(await service.change(order)).toEqual(refused)
})

it('what has become so meanwhile is closed, and nothing is committed', async () => {
  const [first, second] = [await proposed(), await proposed()]
  const proposals = new ProposalService({ store, service, clock })
  expect(await proposals.approve(first, bob)).toMatchObject({ kind: 'committed', revision: 2 })
  expect(await proposals.approve(second, bob)).toMatchObject({ kind: 'unchanged', revision: 2 })
  expect((await proposals.list({ open: true, limit: 9 })).proposals).toEqual([])
  expect(await store.head()).toBe(2)
})
