/** The store on a real PostgreSQL, and on a CockroachDB where one is named. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import pg from 'pg'
import { DatabaseError } from '../../src/adapters/sql/database-error.ts'
import { openStoreOf } from './open-store-of.ts'
import { PostgresServer } from '../harness/postgres.ts'
import { describeHistory } from './history.ts'
import { describeProposals } from './proposals.ts'
import { describeLeases } from './leases.ts'
import { crashStore } from './store-crash.ts'
import { describePeople } from './people.ts'
import { describeStore } from './store.ts'
import { site } from './store-model.ts'
import { describeAuthorities } from './authorities.ts'
import { describeTrust } from './trust.ts'
import { dialectFaults } from './sql-words.ts'
import { writeNatively } from './native-writes.ts'
import { nativeSchema } from '../../src/adapters/powerdns/native-schema.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await PostgresServer.start()
})
afterAll(async () => {
  await server.remove()
})

const onPostgres = async () => {
  const url = await server.database()
  return { open: () => openStoreOf(url), remove: () => Promise.resolve() }
}

describeStore('PostgreSQL', onPostgres)
describeHistory('PostgreSQL', onPostgres)
describePeople('PostgreSQL', onPostgres)
describeProposals('PostgreSQL', onPostgres)
describeLeases('PostgreSQL', onPostgres)
describeTrust('PostgreSQL', onPostgres)
describeAuthorities('PostgreSQL', onPostgres)

const changeSet = (id: string, baseRevision: number) => ({
  ...{ id, baseRevision, author: 'test', from: 'test', atMs: 1, message: '', changes: [site(id)] },
})

describe('PostgreSQL', () => {
  it('lets several controls begin an empty database in the same moment', async () => {
    for (let round = 0; round < 4; round += 1) {
      const url = await server.database()
      const stores = await Promise.all(Array.from({ length: 4 }, () => openStoreOf(url)))
      expect(await Promise.all(stores.map((store) => store.head()))).toEqual([0, 0, 0, 0])
      await Promise.all(stores.map((store) => store.close()))
    }
  })

  it('says at once what is in the way in a database that is not its own', async () => {
    const url = await server.database()
    await server.query('create table tokens (id integer)', new URL(url).pathname.slice(1))
    const error: unknown = await openStoreOf(url).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'exists',
      message: expect.stringContaining('holds something of this name already') as unknown,
    })
  })

  it('kill -9 of writers loses nothing acknowledged, leaves nothing half', async () => {
    const lines: string[] = []
    const report = await crashStore({
      ...{ place: await server.database(), rounds: 3, writers: 3 },
      progress: (line) => lines.push(line),
    })
    expect(report.lost, lines.join('\n')).toBe(0)
    expect(report.acknowledged).toBeGreaterThanOrEqual(report.rounds)
  })

  it('kill -9 of the server under writers: they go on by themselves, nothing is lost, nothing done twice', async () => {
    const other = await PostgresServer.start()
    const pids = new Set<number>()
    try {
      const url = await other.database()
      const stores = await Promise.all([1, 2, 3].map(() => openStoreOf(url)))
      const acknowledged = new Map<number, string>()
      let isOver = false
      const write = async (index: number) => {
        const store = stores[index]!
        let base = await store.head()
        for (let count = 1; !isOver;) {
          const id = `w${index}-${count}`
          const outcome = await store.commit(changeSet(id, base))
          if (outcome.kind === 'conflict') {
            base = outcome.head
            continue
          }
          expect(outcome.kind).toBe('committed')
          base = outcome.kind === 'committed' ? outcome.revision.number : base
          expect(acknowledged.has(base)).toBe(false)
          acknowledged.set(base, id)
          count += 1
        }
      }
      const writers = stores.map((_, index) => write(index))
      for (let kills = 0; kills < 3; kills += 1) {
        const before = acknowledged.size
        while (acknowledged.size < before + 40) await new Promise((resolve) => setImmediate(resolve))
        expect(readFileSync(`/proc/${other.pid}/maps`, 'utf8')).not.toContain('/dev/shm/')
        pids.add(other.pid)
        await other.end('SIGKILL')
        await other.resume()
      }
      const after = acknowledged.size
      while (acknowledged.size < after + 40) await new Promise((resolve) => setImmediate(resolve))
      isOver = true
      await Promise.all(writers)
      const revisions = await stores[0]!.revisionsAfter(0, 100_000)
      expect(revisions.map(({ number }) => number)).toEqual(revisions.map((_, index) => index + 1))
      expect(new Set(revisions.map(({ changeSetId }) => changeSetId)).size).toBe(revisions.length)
      for (const [number, id] of acknowledged) expect(revisions[number - 1]?.changeSetId).toBe(id)
      for (const store of stores) await store.close()
      pids.add(other.pid)
      await other.end('SIGKILL')
    } finally {
      await other.remove()
    }
    // Nor does what was killed stay in the memory of the machine.
    const segments = readFileSync('/proc/sysvipc/shm', 'utf8').split('\n')
    const makers = segments.map((line) => Number(line.trim().split(/\s+/)[4]))
    expect(makers.filter((pid) => pids.has(pid))).toEqual([])
  })

  it('passes over a server that takes no writes, and goes back to none that does not answer', async () => {
    const standby = await PostgresServer.start()
    try {
      const url = await server.database()
      const name = /\/(\w+)\?/.exec(url)![1]!
      await standby.query(`create database ${name}`)
      await standby.query('alter system set default_transaction_read_only = on')
      await standby.query('select pg_reload_conf()')
      const several = url.replace('@', `@127.0.0.1:${standby.port},127.0.0.1:1,`)
      const store = await openStoreOf(several)
      expect((await store.commit(changeSet('one', 0))).kind).toBe('committed')
      await store.close()
      expect(await (await openStoreOf(url)).head()).toBe(1)
    } finally {
      await standby.remove()
    }
  })

  it('gives a hint of what another control has committed', async () => {
    const url = await server.database()
    const [one, two] = [await openStoreOf(url), await openStoreOf(url)]
    const hinted = new Promise<void>((resolve) => {
      two.onHint?.(() => {
        void two.head().then((head) => {
          if (head === 1) resolve()
        })
      })
    })
    await one.commit(changeSet('one', 0))
    await hinted
    await Promise.all([one.close(), two.close()])
  })

  it('says who refuses whom, without a password', async () => {
    const url = server.url('there_is_none').replace('fairlead@', 'fairlead:secret@')
    const error: unknown = await openStoreOf(url).catch((one: unknown) => one)
    expect(error).toBeInstanceOf(DatabaseError)
    expect(error).toMatchObject({ code: 'access' })
    expect((error as Error).message).toMatch(/there_is_none.*does not exist/)
    expect((error as Error).message).not.toContain('secret')
  })

  it('is asked nothing that is not in the list of what both engines have', async () => {
    const list = readFileSync(join(import.meta.dirname, '../../docs/sql-dialect.md'), 'utf8')
    const blocks = Array.from(list.matchAll(/```text\n([^`]*)```/g), ([, words = '']) =>
      words.trim().split(/\s+/),
    )
    const [common = [], hints = [], native = []] = blocks
    const url = await server.database()
    const store = await openStoreOf(url)
    await store.commit(changeSet('one', 0))
    await store.close()
    const nativeUrl = await server.database()
    const [name, nativeName] = [url, nativeUrl].map((one) => /\/(\w+)\?/.exec(one)![1]!)
    await server.query(nativeSchema('postgres'), nativeName)
    const operators = new Set(server.statements().map(({ session }) => session))
    await writeNatively(nativeUrl)
    const statements = server.statements()
    expect(statements.some(({ database }) => database === name)).toBe(true)
    const asked = statements.filter(
      ({ database }) => database.startsWith('fairlead') && database !== nativeName,
    )
    const allowed = new Set([...common, ...hints])
    const { faults, used } = dialectFaults(asked, allowed)
    expect(faults).toEqual([])
    expect([...allowed].filter((word) => !used.has(word))).toEqual([])
    const written = statements.filter(
      ({ database, session }) => database === nativeName && !operators.has(session),
    )
    expect(written.length).toBeGreaterThan(10)
    const ofNative = dialectFaults(written, new Set([...common, ...native]))
    expect(ofNative.faults).toEqual([])
    expect(native.filter((word) => !ofNative.used.has(word))).toEqual([])
  })

  // After that one, which reads all that was asked: these statements are the operator's.
  it('works for a user who may neither make tables nor change what is in the audit log', async () => {
    const url = await server.database()
    const database = /\/(\w+)\?/.exec(url)![1]!
    await (await openStoreOf(url)).close()
    await server.query(
      `create role ${database}_control login;
       grant select, insert, update, delete on all tables in schema public to ${database}_control;
       revoke update, delete on table audit from ${database}_control`,
      database,
    )
    const store = await openStoreOf(url.replace('fairlead@', `${database}_control@`))
    expect(await store.commit(changeSet('one', 0))).toMatchObject({ kind: 'committed' })
    expect(await store.audit.read({ limit: 5 })).toHaveLength(1)
    await store.close()
    const tampering = server.query(`set role ${database}_control; delete from audit`, database)
    await expect(tampering).rejects.toThrow('permission denied')
  })
})

const cockroach = process.env['FAIRLEAD_TEST_COCKROACH_URL']
if (cockroach === undefined)
  console.warn('CockroachDB: the contract did not run, because FAIRLEAD_TEST_COCKROACH_URL is not set')
else {
  let count = 0
  const onCockroach = async () => {
    const name = `fairlead_test_${process.pid}_${++count}`
    const admin = new pg.Client({ connectionString: cockroach })
    await admin.connect()
    await admin.query(`create database ${name}`)
    const url = cockroach.replace(/\/[^/?]*(\?|$)/, `/${name}$1`)
    return {
      open: () => openStoreOf(url),
      remove: async () => {
        await admin.query(`drop database ${name} cascade`)
        await admin.end()
      },
    }
  }
  describeStore('CockroachDB', onCockroach)
  describeHistory('CockroachDB', onCockroach)
  describePeople('CockroachDB', onCockroach)
  describeProposals('CockroachDB', onCockroach)
  describeLeases('CockroachDB', onCockroach)
  describeTrust('CockroachDB', onCockroach)
  describeAuthorities('CockroachDB', onCockroach)
}
