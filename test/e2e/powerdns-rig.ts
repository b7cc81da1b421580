/** A nameserver on a real PowerDNS in a temporary folder, with a feed and frames that a test drives. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { DnsClient } from '../../src/adapters/dns-client/dns-client.ts'
import { endServer } from '../../src/adapters/powerdns/launch.ts'
import { findServers } from '../../src/adapters/powerdns/running-servers.ts'
import { LocalFeed } from '../../src/adapters/transport/local-feed.ts'
import { LocalFrames } from '../../src/adapters/transport/local-frames.ts'
import { definitionsOf } from '../../src/core/health/definition.ts'
import type { HealthTimes } from '../../src/core/health/verdict-book.ts'
import type { RegisterState } from '../../src/core/health/register.ts'
import { configurationOf, type Configuration } from '../../src/core/model/configuration.ts'
import { endpointSchema } from '../../src/core/model/pool.ts'
import { loadBalancerSchema } from '../../src/core/model/load-balancer.ts'
import { monitorSchema } from '../../src/core/model/monitor.ts'
import { endpointKey, type Resource } from '../../src/core/model/resource.ts'
import { zoneSchema } from '../../src/core/model/zone.ts'
import {
  createNameserver,
  type Nameserver,
  type NameserverContextOptions,
} from '../../src/nameserver/context.ts'
import type { FrontChoice } from '../../src/nameserver/front/front-choice.ts'
import type { KeyVault } from '../../src/ports/key-vault.ts'
import type { NameserverReport, NodeEvent, PublishedAnswer, Reporter } from '../../src/ports/report.ts'

export interface RigOptions {
  /** The folder of an earlier rig, which then is not removed at its end. */
  readonly dataDir?: string
  readonly port?: number
  readonly leaveRunning?: boolean
  readonly binary?: string
  readonly addresses?: readonly string[]
  readonly times?: HealthTimes
  /** A dnsdist before PowerDNS. */
  readonly front?: FrontChoice
  /** Where secondaries transfer from, with the vault of their keys. */
  readonly transfersPort?: number
  readonly vault?: KeyVault
  /** Bytes of a database of locations. */
  readonly locations?: Uint8Array
}

/** What the nameserver told, and a way to wait for more of it. */
export class Recorder implements Reporter {
  readonly events: NodeEvent[] = []
  readonly answers: PublishedAnswer[] = []
  readonly gone: string[] = []
  last: NameserverReport | null = null

  event(event: NodeEvent): void {
    this.events.push(event)
  }
  published(answers: readonly PublishedAnswer[]): void {
    this.answers.push(...answers)
  }
  withdrawn(names: readonly string[]): void {
    this.gone.push(...names)
  }
  nameserver(report: NameserverReport): void {
    this.last = report
  }
  alarms(): string[] {
    return this.events.flatMap((event) => (event.kind === 'alarm' ? event.message : []))
  }
  publications() {
    return this.events.filter((event) => event.kind === 'publication')
  }
}

export class Rig {
  readonly dataDir: string
  readonly port: number
  readonly recorder = new Recorder()
  readonly feed = new LocalFeed()
  readonly frames = new LocalFrames()
  readonly nameserver: Nameserver
  readonly client: DnsClient
  /** Where the database of locations is, if there is one. */
  readonly locationsPath: string
  #revision = 0
  #sequence = 0
  #incarnation = Math.floor(Date.now() / 1_000)
  readonly #states = new Map<string, RegisterState>()

  constructor(options: RigOptions & { readonly port: number }) {
    this.port = options.port
    this.dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'fairlead-pdns-'))
    this.locationsPath = join(this.dataDir, 'locations.mmdb')
    if (options.locations) writeFileSync(this.locationsPath, options.locations)
    const context: NameserverContextOptions = {
      name: 'ns-test',
      site: 'here',
      dataDir: this.dataDir,
      feed: this.feed,
      frames: this.frames,
      reporter: this.recorder,
      clock: systemClock,
      ...(options.times && { times: options.times }),
      ...(options.locations && { geoipDatabases: [this.locationsPath] }),
      ...(options.transfersPort !== undefined && {
        transfers: { host: '127.0.0.1', port: options.transfersPort },
      }),
      ...(options.vault && { vault: options.vault }),
      ...(options.front && { front: options.front }),
      logger: pino({ level: process.env['RIG_LOG'] ?? 'silent' }),
      dns: { port: options.port, ...(options.addresses && { addresses: options.addresses }) },
      powerdns: {
        kind: 'supervise',
        leaveRunning: options.leaveRunning ?? false,
        ...(options.binary !== undefined && { binary: options.binary }),
      },
    }
    this.nameserver = createNameserver(context)
    this.client = new DnsClient(this.nameserver.dns)
  }

  configure(resources: readonly Resource[]): Configuration {
    const configuration = configurationOf(resources)
    this.feed.publish({ revision: ++this.#revision, configuration })
    return configuration
  }

  /** One checker's frame: what it says of these endpoints; the others stay as they were. */
  say(registers: Readonly<Record<string, RegisterState>> = {}): void {
    for (const [key, state] of Object.entries(registers)) this.#states.set(key, state)
    const snapshot = this.#sequence === 0
    const definitions = definitionsOf(this.feed.current()!.configuration)
    const keys = snapshot ? [...this.#states.keys()] : Object.keys(registers)
    this.frames.send({
      checker: 'checker-1',
      site: 'here',
      incarnation: this.#incarnation,
      sequence: ++this.#sequence,
      revision: this.#revision,
      fenced: false,
      loss: 0,
      snapshot,
      registers: keys.map((endpoint) => ({
        endpoint,
        state: this.#states.get(endpoint) ?? 'unknown',
        degraded: false,
        definition: definitions.get(endpoint) ?? '',
        output: [],
      })),
    })
  }

  /** Values that the server answers with now; its rcode when it is not NOERROR. */
  async values(name: string, type: Parameters<DnsClient['ask']>[1] = 'A'): Promise<readonly string[]> {
    const answer = await this.client.ask(name, type)
    if (answer.kind === 'no-answer') return [answer.detail]
    return answer.rcode === 'NOERROR' ? answer.values : [answer.rcode]
  }

  pids(): number[] {
    return findServers(this.configRoot).map((server) => server.pid)
  }

  get configRoot(): string {
    return join(this.dataDir, 'powerdns', 'conf')
  }

  /** Ends the nameserver and its PowerDNS, whatever state they are in, and removes the folder. */
  async destroy(): Promise<void> {
    await this.nameserver.stop()
    for (const pid of this.pids()) await endServer(pid, this.configRoot)
    for (const folder of ['transfers', 'front']) {
      const root = join(this.dataDir, folder, 'conf')
      for (const { pid } of findServers(root)) await endServer(pid, root)
    }
    rmSync(this.dataDir, { recursive: true, force: true })
  }
}

/** A dnsdist on free ports, which limits nobody. */
export async function frontChoice(more: Partial<FrontChoice> = {}): Promise<FrontChoice> {
  return {
    ...{ kind: 'supervise', backend: { host: '127.0.0.1', port: await freePorts(3) }, neighbours: [] },
    ...{ clientQueriesPerSec: 10_000_000, unknownNamesPerSec: 10_000_000 },
    ...more,
  }
}

/** The first of so many free ports in a row. */
async function freePorts(count: number): Promise<number> {
  for (let found: number[] = []; ;) {
    const port = await freePort()
    found = found.at(-1) === port - 1 ? [...found, port] : [port]
    if (found.length === count) return port - count + 1
  }
}

export async function makeRig(options: RigOptions = {}): Promise<Rig> {
  return new Rig({ ...options, port: options.port ?? (await freePort()) })
}

/** Polls until `check` gives a value other than false, null and undefined. */
export async function until<T>(
  what: string,
  check: () => T | Promise<T>,
  limitMs = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const value = await check()
    if (value !== null && value !== undefined && value !== false)
      return value as Exclude<T, false | null | undefined>
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`)
    await delay(5)
  }
}

export const zone = (name: string, more: object = {}): Resource => ({
  kind: 'zone',
  key: name,
  spec: zoneSchema.parse({ name, nameservers: ['ns1.example.net'], ...more }),
})

export const monitor = (): Resource => ({
  kind: 'monitor',
  key: 'tcp',
  spec: monitorSchema.parse({ kind: 'tcp', name: 'tcp' }),
})

/** A pool that the monitor 'tcp' judges, with one endpoint an address; 'addresses' of the form '192.0.2.1*3' carry a weight. */
export function pool(name: string, addresses: Readonly<Record<string, string>>): Resource[] {
  const endpoints = Object.entries(addresses).map(([endpoint, text]): Resource => {
    const [address, weight = '1'] = text.split('*')
    const spec = endpointSchema.parse({
      name: endpoint,
      address,
      port: 80,
      site: 'here',
      weight: Number(weight),
    })
    return { kind: 'endpoint', key: endpointKey(name, endpoint), spec }
  })
  return [{ kind: 'pool', key: name, spec: { name, monitors: ['tcp'] } }, ...endpoints]
}

export const balancer = (name: string, policy: object, more: object = {}): Resource => ({
  kind: 'loadBalancer',
  key: name,
  spec: loadBalancerSchema.parse({ name, zone: 'example.test', policy, ...more }),
})
