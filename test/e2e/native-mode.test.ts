/**
 * Native mode: two controls publish into the PowerDNS tables of one real PostgreSQL, and two real PowerDNS without an agent answer
 * from them. One control at a time writes, by a fenced lease; beside them a nameserver answers the same from local storage.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askDns } from '../../src/adapters/dns-client/ask-dns.ts'
import { DnsClient } from '../../src/adapters/dns-client/dns-client.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { PostgresServer } from '../harness/postgres.ts'
import { Cluster } from './harness/cluster.ts'
import { DelegationClient } from './harness/delegation-client.ts'
import type { EndpointProcess } from './harness/endpoint-process.ts'
import { eventually } from './harness/eventually.ts'
import { runFairlead } from './harness/fairlead-process.ts'
import { NativeServer } from './harness/native-server.ts'
import { nativePlanDigest, planDigest } from './harness/plan-digest.ts'
import { StaleFront } from './harness/stale-front.ts'
import type { ServiceProcess } from './harness/service-process.ts'

const NAME = 'www.cluster.test'

let postgres: PostgresServer
let url: string
let database: string
let cluster: Cluster
let servers: NativeServer[]
beforeAll(async () => {
  postgres = await PostgresServer.start()
  url = await postgres.database()
  database = /\/(\w+)\?/.exec(url)![1]!
  const schema = await runFairlead(['powerdns-config', '--mode', 'native', '--schema'])
  await postgres.query(schema.stdout, database)
  cluster = new Cluster({ store: url, controlSettings: { nativeDatabase: url } })
  await cluster.start({ sites: ['ams'] })
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

it('answers at both servers follow health, within the two seconds of their caches', async () => {
  const [first, second] = cluster.endpoints as [EndpointProcess, EndpointProcess]
  await first.kill()
  await cluster.answers([second])
  // 2 s at most on a machine that does nothing else.
  await answers([second], 4_000)
  await first.start()
  await answers([first, second])
})

it('a zone changes from one mode to the other and back by its NS, while an endpoint dies and a change is committed, and no answer is wrong', async () => {
  const [first, second] = cluster.endpoints as [EndpointProcess, EndpointProcess]
  const agent = cluster.nameservers[0]!
  const all = [first.address, second.address].sort().join(' ')
  const note = 'note.cluster.test'
  const [shared, local] = [['ns1.shared.test', 'ns2.shared.test'], ['ns1.local.test']] as const
  const glue = { [shared[0]]: servers[0]!, [shared[1]]: servers[1]!, [local[0]]: agent }
  const zone = (nameservers: readonly string[], text: string) =>
    cluster
      .document()
      .replace(
        '[ns1.elsewhere.test]',
        `[${nameservers.join(', ')}], records: [{ name: note, type: TXT, values: [${text}] }]`,
      )
  await cluster.apply(zone(shared, 'one'))
  for (const target of Object.values(glue))
    await eventually(async () => {
      expect(await askDns(target, { name: note, type: 'TXT' })).toMatchObject({ values: ['"one"'] })
    })
  const client = new DelegationClient({
    ...{ zone: 'cluster.test', servers: glue, first: shared },
    questions: { [NAME]: { type: 'A', right: all }, [note]: { type: 'TXT', right: '"one"' } },
  })
  /** Also the answers that are in the caches of who is not asked any more. */
  const isEverywhere = (name: string, type: 'A' | 'TXT', right: string) =>
    Promise.all(
      Object.values(glue).map((target) =>
        eventually(
          async () => {
            const answer = await new DnsClient(target).ask(name, type)
            expect(answer.kind === 'answer' ? answer.values.join(' ') : answer.kind).toBe(right)
          },
          { withinMs: 30_000, everyMs: 20 },
        ),
      ),
    )
  let text = 'one'
  const move = async (
    to: readonly string[],
    change: { readonly text: string; readonly values: string; readonly health: () => Promise<void> },
  ) => {
    const quoted = `"${change.text}"`
    client.alsoRight(NAME, change.values)
    client.alsoRight(note, quoted)
    await Promise.all([cluster.apply(zone(to, text)), change.health()])
    ;({ text } = change)
    await cluster.apply(zone(to, text))
    await eventually(() => {
      expect(client.named).toEqual(to)
    })
    await Promise.all([isEverywhere(NAME, 'A', change.values), isEverywhere(note, 'TXT', quoted)])
    client.onlyRight(NAME, change.values)
    client.onlyRight(note, quoted)
    await eventually(async () => {
      const shared = await nativePlanDigest((query) => postgres.query(query, database))
      expect(planDigest(agent.process)).toEqual(shared)
    })
  }
  await move(local, { text: 'two', values: second.address, health: () => first.kill() })
  await move(shared, { text: 'three', values: all, health: () => first.start() })
  await client.end()
  expect(client.faults).toEqual([])
  for (const name of Object.keys(glue)) expect(client.answered.get(name)).toBeGreaterThan(10)
  await cluster.apply(cluster.document())
})

/** The other one has the lease, in a few seconds. */
async function takenOver(epoch: number, other: ServiceProcess): Promise<void> {
  await eventually(
    async () => {
      expect(await lease()).toMatchObject({ epoch: epoch + 1 })
    },
    { withinMs: 8_000, everyMs: 20 },
  )
  expect((await writer()).holder).toBe(other)
}

async function detailOf(control: ServiceProcess): Promise<string> {
  const { stdout } = await cluster.cli(control, 'status', '--json')
  const status = JSON.parse(stdout) as { nameservers: { name: string; dnsServer: { detail: string } }[] }
  return status.nameservers.find(({ name }) => name === `${control.name}-native`)?.dnsServer.detail ?? ''
}

it('a writer that is stopped is taken over from, and finds itself fenced when it wakes', async () => {
  const [first, second] = cluster.endpoints as [EndpointProcess, EndpointProcess]
  const { holder, other, epoch } = await writer()
  holder.signal('SIGSTOP')
  await takenOver(epoch, other)
  await first.kill()
  await answers([second])
  holder.signal('SIGCONT')
  await eventually(async () => {
    expect(holder.log()).toContain('this one stands by')
    expect(await detailOf(holder)).toBe(`stands by: ${other.name}-native publishes, epoch ${epoch + 1}`)
  })
  // It woke with what it knew before it was stopped: nothing of that is answered.
  await answers([second])
  await first.start()
  await answers([first, second])
  expect(await writer()).toMatchObject({ epoch: epoch + 1, holder: other })
  expect(await detailOf(other)).toMatch(/^publishes into postgres:/)
})

it('a writer that is killed is taken over from; one that ends in order is taken over from at once', async () => {
  const [first, second] = cluster.endpoints as [EndpointProcess, EndpointProcess]
  const { holder, other, epoch } = await writer()
  await holder.end('SIGKILL')
  await takenOver(epoch, other)
  await first.kill()
  await answers([second])
  await holder.start()
  await first.start()
  await answers([first, second])
  await eventually(
    async () => {
      expect(await detailOf(holder)).toContain('stands by')
    },
    { withinMs: 30_000 },
  )
  await other.end()
  await takenOver(epoch + 1, holder)
  await other.start()
})

/** Asks over and over, and notes when each different outcome began, in ms after the start. */
class Watch {
  readonly outcomes: { readonly atMs: number; readonly values: string }[] = []
  readonly #startedMs = performance.now()
  readonly #stop = new AbortController()
  readonly #done: Promise<void>

  constructor(server: Pick<NativeServer, 'address' | 'port'>) {
    this.#done = (async () => {
      while (!this.#stop.signal.aborted) {
        const values = (await valuesOf(server)).join(' ')
        const atMs = Math.round(performance.now() - this.#startedMs)
        if (this.outcomes.at(-1)?.values !== values) this.outcomes.push({ atMs, values })
        await delay(10)
      }
    })()
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }
}

it('while the database is away cached answers go on for two seconds, a dnsdist before it goes on, and so do nameservers with an agent', async () => {
  const [first, second] = cluster.endpoints as [EndpointProcess, EndpointProcess]
  const all = [first.address, second.address].sort().join(' ')
  const dnsdist = await StaleFront.start(cluster.folder, servers[0]!)
  const watches = [...servers, dnsdist].map((server) => new Watch(server))
  const [bare, , fronted] = watches as [Watch, Watch, Watch]
  await eventually(() => {
    for (const { outcomes } of watches) expect(outcomes.at(-1)?.values).toBe(all)
  })
  // As a standby has it that was promoted without the last commit.
  await postgres.query(`update records set content = 'before.test' where type = 'NS'`, database)
  await postgres.end('SIGKILL')
  await eventually(() => {
    for (const { outcomes } of watches.slice(0, 2)) expect(outcomes.at(-1)?.values).toBe('SERVFAIL')
  })
  await eventually(() => {
    expect(fronted.outcomes.length === 1 || fronted.outcomes.at(-1)?.values === all).toBe(true)
  })
  await first.kill()
  await cluster.answers([second])
  expect(fronted.outcomes.at(-1)?.values).toBe(all)
  await postgres.resume()
  await answers([second])
  await eventually(() => {
    for (const { outcomes } of watches) expect(outcomes.at(-1)?.values).toBe(second.address)
  })
  await first.start()
  await answers([first, second])
  for (const watch of watches) await watch.end()
  await eventually(async () => {
    const rows = await postgres.query(`select content from records where type = 'NS'`, database)
    expect(rows).toEqual([{ content: 'ns1.elsewhere.test' }])
  })
  await dnsdist.end()
  expect(bare.outcomes.map(({ values }) => values)).toContain('SERVFAIL')
  // Until it sees that the server behind it has nothing, what has run out in its cache is the server's own error.
  const gap = fronted.outcomes.findIndex(({ values }) => values !== all)
  if (fronted.outcomes[gap]?.values === 'SERVFAIL')
    expect(fronted.outcomes[gap + 1]!.atMs - fronted.outcomes[gap].atMs).toBeLessThan(3_000)
  const later = fronted.outcomes.slice(gap + 1).map(({ values }) => values)
  expect(later.filter((values) => values !== all && values !== second.address)).toEqual([])
})

it('servers change from local storage to the shared database and back under queries, and none answers wrong', async () => {
  const { process: local, address, port } = cluster.nameservers[0]!
  const [first, second] = cluster.endpoints as [EndpointProcess, EndpointProcess]
  const all = [first.address, second.address].sort().join(' ')
  await cluster.answers([first, second])
  // At the address that changes, and at others of the zone.
  const watch = new Watch({ address, port })
  const others = servers.map((server) => new Watch(server))
  const seen = () => new Set(watch.outcomes.map(({ values }) => values))
  await local.end()
  const shared = new NativeServer({ folder: cluster.folder, name: 'changed', address, port, database: url })
  await shared.start()
  await eventually(() => {
    expect(watch.outcomes.at(-1)?.values).toBe(all)
  })
  await shared.end()
  // With what it answered when it was stopped it would begin again.
  rmSync(join(local.dataDir, 'powerdns'), { recursive: true })
  await local.start()
  await cluster.answers([first, second], [cluster.nameservers[0]!])
  await eventually(() => {
    expect(watch.outcomes.at(-1)?.values).toBe(all)
  })
  for (const one of [watch, ...others]) await one.end()
  for (const { outcomes } of others) expect(outcomes.map(({ values }) => values)).toEqual([all])
  // No reply, or a server that does not know the zone yet: resolvers ask the others.
  expect(
    [...seen()].filter((values) => values !== all && values !== 'no-answer' && values !== 'REFUSED'),
  ).toEqual([])
})
