/**
 * Native mode: two controls publish into the PowerDNS tables of one real PostgreSQL, and two real PowerDNS without an agent answer
 * from them. One control at a time writes, by a fenced lease; beside them three nameservers answer the same from local storage.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askDns } from '../../src/adapters/dns-client/ask-dns.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { PostgresServer } from '../harness/postgres.ts'
import { Cluster } from './harness/cluster.ts'
import type { EndpointProcess } from './harness/endpoint-process.ts'
import { eventually } from './harness/eventually.ts'
import { runFairlead } from './harness/fairlead-process.ts'
import { NativeServer } from './harness/native-server.ts'
import type { ServiceProcess } from './harness/service-process.ts'

const NAME = 'www.cluster.test'

let postgres: PostgresServer
let database: string
let cluster: Cluster
let servers: NativeServer[]
beforeAll(async () => {
  postgres = await PostgresServer.start()
  const url = await postgres.database()
  database = /\/(\w+)\?/.exec(url)![1]!
  const schema = await runFairlead(['powerdns-config', '--mode', 'native', '--schema'])
  await postgres.query(schema.stdout, database)
  cluster = new Cluster({ store: url, controlSettings: { nativeDatabase: url } })
  await cluster.start()
  servers = []
  for (const [index, address] of ['127.0.7.1', '127.0.7.2'].entries()) {
    const about = { folder: cluster.folder, name: `native-${index}`, address, port: await freePort(address) }
    const server = new NativeServer({ ...about, database: url })
    servers.push(server)
    await server.start()
  }
  await cluster.apply(cluster.document())
  await answers(cluster.endpoints)
  await cluster.answers(cluster.endpoints)
})
afterAll(async () => {
  for (const server of servers) await server.end()
  await cluster.stop()
  await postgres.remove()
})

async function valuesOf(server: Pick<NativeServer, 'address' | 'port'>): Promise<readonly string[]> {
  const answer = await askDns(server, { name: NAME, type: 'A' })
  if (answer.kind !== 'answer') return [answer.kind]
  return answer.rcode === 'NOERROR' ? answer.values : [answer.rcode]
}

/** Every native server answers so, sooner or later. */
async function answers(endpoints: readonly EndpointProcess[], withinMs = 30_000): Promise<void> {
  const expected = endpoints.map(({ address }) => address).sort()
  await Promise.all(
    servers.map((server) =>
      eventually(
        async () => {
          expect(await valuesOf(server)).toEqual(expected)
        },
        { withinMs, everyMs: 20 },
      ),
    ),
  )
}

interface LeaseRow {
  readonly holder: string
  readonly epoch: number
}

async function lease(): Promise<LeaseRow> {
  const rows = await postgres.query(`select holder, epoch::int from leases where name = 'native'`, database)
  return rows[0] as LeaseRow
}

async function writer(): Promise<{
  readonly holder: ServiceProcess
  readonly other: ServiceProcess
  readonly epoch: number
}> {
  const { holder, epoch } = await lease()
  const name = holder.split('-native ')[0]
  const [one, two] = cluster.controls as [ServiceProcess, ServiceProcess]
  expect([one.name, two.name]).toContain(name)
  return one.name === name ? { holder: one, other: two, epoch } : { holder: two, other: one, epoch }
}

it('answers at both servers follow health', async () => {
  const [first, second] = cluster.endpoints as [EndpointProcess, EndpointProcess]
  const startedMs = performance.now()
  await first.kill()
  const local = cluster.answers([second]).then(() => performance.now() - startedMs)
  await answers([second])
  const nativeMs = performance.now() - startedMs
  console.info(`local ${await local} ms, native ${nativeMs} ms`)
  await first.start()
  await answers([first, second])
})

it('a writer that is stopped is taken over from, and finds itself fenced when it wakes', async () => {
  const [first, second] = cluster.endpoints as [EndpointProcess, EndpointProcess]
  const { holder, other, epoch } = await writer()
  holder.signal('SIGSTOP')
  const startedMs = performance.now()
  await eventually(
    async () => {
      expect(await lease()).toMatchObject({ epoch: epoch + 1 })
    },
    { withinMs: 10_000, everyMs: 20 },
  )
  console.info(`taken over after ${performance.now() - startedMs} ms`)
  expect((await writer()).holder).toBe(other)
  await first.kill()
  await answers([second])
  holder.signal('SIGCONT')
  await eventually(() => {
    expect(holder.log()).toContain('this one stands by')
  })
  console.info(
    holder
      .log()
      .split('\n')
      .filter((line) => line.includes('"level":40') || line.includes('"level":50'))
      .slice(-6)
      .join('\n'),
  )
  await first.start()
  await answers([first, second])
  expect(await writer()).toMatchObject({ epoch: epoch + 1, holder: other })
})
