/**
 * A cluster goes from one version to the next, a process at a time, under 2,000 queries a second, each reply judged. The next
 * version is these sources with another number and one more step of the store's schema.
 * As resolvers do, a query that a nameserver does not answer within 0.4 s goes to the next one: a PowerDNS that is started anew is
 * away for a moment. No other query may need that, and none may fail, or be answered wrongly, emptily or with SERVFAIL.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundle } from '../../scripts/build/bundle.ts'
import { DnsClient } from '../../src/adapters/dns-client/dns-client.ts'
import type { Migration } from '../../src/adapters/sql/migrations/migration.ts'
import { VERSION } from '../../src/cli/version.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import { PostgresServer } from '../harness/postgres.ts'
import { Cluster } from './harness/cluster.ts'
import { eventually } from './harness/eventually.ts'
import { runFairlead } from './harness/fairlead-process.ts'
import { JudgingLoad } from './harness/judging-load.ts'
import { bundleOtherVersion } from './harness/other-version.ts'
import type { ServiceProcess } from './harness/service-process.ts'

const PER_SEC = 2_000
const NEXT = '9.0.0'
/** Longer than a nameserver waits after its start before it takes anything out. */
const SEEN_WITHIN_MS = 30_000

const [WWW, NOTE] = ['www.cluster.test', 'note.cluster.test']

const folder = mkdtempSync(join(tmpdir(), 'fairlead-versions-'))
const program = (name: string) => join(folder, `${name}.mjs`)
const [OLD, NEW, BREAKING] = ['old', 'new', 'breaking'].map(program) as [string, string, string]

const step = (number: number, name: string): Migration => ({
  ...{ number, name },
  statements: [`create table ${name} (id text not null primary key)`],
})
const BESIDE = step(1_000, 'beside')
const APART: Migration = { ...step(1_001, 'apart'), breaksOlder: true }

let postgres: PostgresServer
let url: string
let cluster: Cluster
let load: JudgingLoad
let notes = 0

beforeAll(async () => {
  const bundles = [
    bundle(OLD),
    bundleOtherVersion(NEW, { version: NEXT, migrations: [BESIDE] }),
    bundleOtherVersion(BREAKING, { version: '10.0.0', migrations: [BESIDE, APART] }),
  ]
  postgres = await PostgresServer.start()
  url = await postgres.database()
  await Promise.all(bundles)
  cluster = new Cluster({ store: url, program: OLD })
  await cluster.start({ endpoints: 3 })
  await cluster.apply(documentWithNote())
  await cluster.answers(cluster.endpoints)
  const addresses = cluster.endpoints.map(({ address }) => address).sort()
  load = await JudgingLoad.start({
    ...{ servers: cluster.nameservers, perSec: PER_SEC },
    questions: [
      { name: WWW, type: 'A', right: [addresses] },
      { name: NOTE, type: 'TXT', right: [[noteText()]] },
    ],
  })
})
afterAll(async () => {
  await load.stop()
  await cluster.stop()
  await postgres.remove()
  rmSync(folder, { recursive: true })
})

const noteText = () => `"note ${notes}"`

function documentWithNote(): string {
  const records = `records: [{ name: note, type: TXT, values: [note ${notes}] }]`
  return cluster.document().replace('[ns1.elsewhere.test]', `[ns1.elsewhere.test], ${records}`)
}

/** Every nameserver answers so, and from its cache too: asked in the very words of the load. */
async function isAnswered(name: string, type: 'A' | 'TXT', values: readonly string[]): Promise<void> {
  await Promise.all(
    cluster.nameservers.map((nameserver) =>
      eventually(
        async () => {
          const answer = await new DnsClient(nameserver).ask(name, type)
          expect(answer).toMatchObject({ kind: 'answer', values: [...values].sort() })
        },
        { withinMs: SEEN_WITHIN_MS, everyMs: 100 },
      ),
    ),
  )
}

async function change(by: { readonly through: ServiceProcess; readonly withProgram: string }): Promise<void> {
  notes += 1
  await load.alsoRight(NOTE, [noteText()])
  const { code, stderr } = await runFairlead(['apply', '-f', '-'], {
    ...{ dataDir: by.through.dataDir, program: by.withProgram, input: documentWithNote() },
  })
  expect(code, stderr).toBe(EXIT.ok)
  await isAnswered(NOTE, 'TXT', [noteText()])
  await load.onlyRight(NOTE, [noteText()])
}

interface Node {
  readonly name?: string
  readonly checker?: string
  readonly version: string | null
  readonly live: boolean
  readonly ready?: boolean
  readonly revisionsBehind: number
}

async function ask<T>(control: ServiceProcess, path: string): Promise<T> {
  const [api = '', token = ''] = ['api-url', 'token'].map((name) =>
    readFileSync(join(control.dataDir, name), 'utf8').trim(),
  )
  const response = await fetch(`${api}${path}`, { headers: { authorization: `Bearer ${token}` } })
  expect(response.status, path).toBe(200)
  return (await response.json()) as T
}

/** By name; empty for a process that does not do its work, or does not know the configuration. */
async function versions(control: ServiceProcess): Promise<Record<string, string>> {
  const { version } = await ask<{ version: string }>(control, '/v1/status')
  const nodes = await Promise.all(
    ['checkers', 'nameservers'].map((kind) => ask<{ items: Node[] }>(control, `/v1/${kind}`)),
  )
  return Object.fromEntries([
    [control.name, version],
    ...nodes
      .flatMap(({ items }) => items)
      .map(({ name, checker, version: of, live, ready = true, revisionsBehind }) => [
        name ?? checker,
        live && ready && revisionsBehind === 0 ? (of ?? '') : '',
      ]),
  ]) as Record<string, string>
}

/** Restarts them one at a time, with another program: the next one when every control that knows of nodes sees this one at work. */
async function restart(services: readonly ServiceProcess[], as: string, version: string): Promise<void> {
  for (const service of services) {
    expect(await service.end()).toBe(EXIT.ok)
    service.program = as
    await service.start()
    const seenBy = service.command === 'control' ? [service] : cluster.controls
    for (const control of seenBy)
      await eventually(
        async () => {
          const seen = await versions(control)
          expect(seen).toMatchObject({ [service.name]: version })
          expect(Object.values(seen)).not.toContain('')
        },
        { withinMs: SEEN_WITHIN_MS, everyMs: 100 },
      )
  }
}

const all = () => [cluster.controls, cluster.checkers, cluster.nameservers].flat().map(processOf)
const processOf = (part: ServiceProcess | { readonly process: ServiceProcess }) =>
  'process' in part ? part.process : part

it('starts with every process of the old version', async () => {
  for (const control of cluster.controls)
    await eventually(async () => {
      expect(Object.values(await versions(control))).toEqual(Array.from({ length: 7 }, () => VERSION))
    })
})

it('takes over one process of each kind, and changes come through old and new controls', async () => {
  const [one, two] = cluster.controls as [ServiceProcess, ServiceProcess]
  await restart([one, cluster.checkers[0]!.process, cluster.nameservers[0]!.process], NEW, NEXT)
  await change({ through: two, withProgram: NEW })
  await change({ through: one, withProgram: OLD })
})

it('takes out an endpoint that dies while both versions are at work, and back', async () => {
  const dying = cluster.endpoints[2]!
  const addresses = cluster.endpoints.map(({ address }) => address).sort()
  const left = addresses.filter((address) => address !== dying.address)
  await load.alsoRight(WWW, left)
  await dying.kill()
  await isAnswered(WWW, 'A', left)
  await load.onlyRight(WWW, left)
  await load.alsoRight(WWW, addresses)
  await dying.start()
  await isAnswered(WWW, 'A', addresses)
  await load.onlyRight(WWW, addresses)
})

it('goes over to the new version as a whole', async () => {
  await restart(
    all().filter(({ program: now }) => now === OLD),
    NEW,
    NEXT,
  )
  for (const control of cluster.controls)
    await eventually(async () => {
      expect(Object.values(await versions(control))).toEqual(Array.from({ length: 7 }, () => NEXT))
    })
  await change({ through: cluster.controls[0]!, withProgram: NEW })
})

it('goes back with one process of each kind, over the store of the new version', async () => {
  const back = [cluster.controls[1]!, cluster.checkers[1]!.process, cluster.nameservers[1]!.process]
  await restart(back, OLD, VERSION)
  await change({ through: cluster.controls[1]!, withProgram: OLD })
})

it('takes a step that breaks older versions only when it is asked to, and old ones refuse then; answers stay', async () => {
  const stopped = cluster.controls[1]!
  await stopped.end()
  const commands = [
    ['control', '--config', stopped.configFile],
    ['store', 'check', url],
  ]
  const refused = async (by: string, sentence: RegExp) => {
    for (const command of commands) {
      const { code, stderr } = await runFairlead(command, { program: by })
      expect(stderr).toMatch(sentence)
      expect(code).toBe(EXIT.fileAccess)
    }
  }
  await refused(
    BREAKING,
    /lacks the step 'apart' \(1001\) of this fairlead, and no older one works with it: stop every control, take a backup, then run 'fairlead store migrate'/,
  )
  // The control that is left goes on with the store, which nothing was done to.
  await change({ through: cluster.controls[0]!, withProgram: NEW })
  await cluster.controls[0]!.end()
  expect((await runFairlead(['store', 'migrate', url], { program: BREAKING })).code).toBe(EXIT.ok)
  await refused(
    OLD,
    /was written by a newer fairlead \(its schema is 1001, this program knows \d+\): run that version, or restore a backup from before it/,
  )
  stopped.program = BREAKING
  await stopped.start()
  await change({ through: stopped, withProgram: BREAKING })
})

it('has answered every query of all that time, and rightly', async () => {
  const counts = await load.end()
  process.stdout.write(`rolling upgrade: ${JSON.stringify(counts)}\n`)
  expect(counts).toMatchObject({ wrong: 0, empty: 0, refused: 0, failed: 0, examples: [] })
  expect(counts.byTry.reduce((sum, count) => sum + count, 0)).toBe(counts.asked)
  // A machine that others keep busy has sent less, once: what came counts, and what was sent is told above.
  expect((counts.asked / counts.forMs) * 1_000).toBeGreaterThan(PER_SEC * 0.9)
  // PowerDNS was away, or this has shown nothing.
  expect(counts.byTry[1]).toBeGreaterThan(0)
})
