/**
 * The running lab, as a fault sees it: sites, controls, the database, the network, the clients. What must stay true: whatever it does
 * to an endpoint is in the truth in the same moment, and what this process started ends with it, however it ends.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { CertificateAuthority } from '../../src/adapters/probes/testing/certificates.ts'
import { runFairlead, type CommandResult } from '../../test/e2e/harness/fairlead-process.ts'
import type { ServiceProcess } from '../../test/e2e/harness/service-process.ts'
import { PostgresServer } from '../../test/harness/postgres.ts'
import { isComplete } from '../load/judge.ts'
import type { Observation } from '../load/observation.ts'
import { QueryLoad } from '../load/query-load.ts'
import { Truth } from '../load/truth.ts'
import { monotonicMs } from '../monotonic-ms.ts'
import { HOST, hostAddress, SITE_NAMES } from '../network/addresses.ts'
import { labId } from '../network/lab-id.ts'
import { Network } from '../network/network.ts'
import { removeLab, removeStaleLabs } from '../network/remove-labs.ts'
import { buildSites, DNS_PORT } from './build-sites.ts'
import { Endpoint } from './endpoint.ts'
import { CANARIES, LAB_NAME, labDocument, type Pace } from './lab-document.ts'
import { servicesOf, signalPowerdns, type LabSite } from './lab-site.ts'

export interface WorldOptions {
  readonly sites: number
  readonly pace: Pace
  readonly endpointsPerSite: number
  /** Of the clients, to each nameserver. */
  readonly questionsPerSec: number
  readonly delayMs: number
}

const POSTGRES_PORT = 5_432
/** So many different ways to ask (transport, family, type); all of them are asked in turn. */
const WAYS = 8
const START_WITHIN_MS = 90_000

export class World {
  readonly pace: Pace
  readonly truth = new Truth()
  readonly network: Network
  readonly database: PostgresServer
  readonly sites: readonly LabSite[]
  readonly load: QueryLoad
  readonly #id: string
  readonly #reaper: ChildProcess
  #next = 0

  private constructor(parts: Pick<World, 'pace' | 'network' | 'database' | 'sites' | 'load'> & Owned) {
    const { pace, network, database, sites, load, id, reaper } = parts
    this.pace = pace
    this.network = network
    this.database = database
    this.sites = sites
    this.load = load
    this.#id = id
    this.#reaper = reaper
  }

  /** Removes what dead labs left, builds a new one and waits until every nameserver answers with everything. */
  static async start(options: WorldOptions, say: (line: string) => void = () => undefined): Promise<World> {
    for (const stale of await removeStaleLabs()) say(`removed what the lab ${stale} had left`)
    const id = labId.own()
    const folder = labId.folder(id)
    mkdirSync(folder)
    // PostgreSQL runs as a user of its own, below it.
    chmodSync(folder, 0o711)
    const reaper = spawn(process.execPath, [join(import.meta.dirname, '../network/reaper.ts'), id], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    try {
      const world = await build(options, { id, reaper, folder }, (parts) => new World(parts))
      await world.#begin(options, folder, say)
      return world
    } catch (error) {
      await removeLab(id)
      reaper.stdin.end()
      throw error
    }
  }

  async stop(): Promise<void> {
    await removeLab(this.#id)
    this.#reaper.stdin?.end()
  }

  get endpoints(): readonly Endpoint[] {
    return this.sites.flatMap(({ endpoints }) => endpoints)
  }

  get controls(): readonly ServiceProcess[] {
    return this.sites.flatMap(({ control }) => (control === null ? [] : [control]))
  }

  /** By name, or the first, second ... one. */
  site(which: string | number): LabSite {
    const site = this.sites.find(({ name }, index) => which === name || which === index)
    if (site === undefined) throw new Error(`there is no site ${which}`)
    return site
  }

  async kill(endpoint: Endpoint): Promise<void> {
    this.truth.begins(endpoint.name, 'dead')
    await endpoint.kill()
  }

  async revive(endpoint: Endpoint): Promise<void> {
    await endpoint.start()
    this.truth.ends(endpoint.name, 'dead')
  }

  /** Every packet to it vanishes, also of its own site. */
  blackHole(endpoint: Endpoint): void {
    this.truth.begins(endpoint.name, 'dead')
    this.network.blackHole(endpoint.site, endpoint.address)
  }

  fillBlackHole(endpoint: Endpoint): void {
    this.network.fillBlackHole(endpoint.site, endpoint.address)
    this.truth.ends(endpoint.name, 'dead')
  }

  /** Its processes are killed and its links cut, as when its power is gone. */
  async loseSite(site: LabSite): Promise<void> {
    this.network.isolate(site.name)
    for (const endpoint of site.endpoints) this.truth.begins(endpoint.name, 'dead')
    const killed = [...servicesOf(site), ...(site === this.sites[0] ? [this.database] : [])]
    signalPowerdns(site, 'SIGKILL')
    await Promise.all([
      ...killed.map((one) => one.end('SIGKILL')),
      ...site.endpoints.map((one) => one.kill()),
    ])
    // Its agent may have started another one between.
    signalPowerdns(site, 'SIGKILL')
  }

  async restoreSite(site: LabSite): Promise<void> {
    this.network.heal()
    if (site === this.sites[0]) await this.database.resume()
    await Promise.all(site.endpoints.map((endpoint) => this.revive(endpoint)))
    for (const service of servicesOf(site)) await service.start()
  }

  /** One that has not died for the longest time, and lives: what flapped lately comes back slowly. */
  nextEndpoint(isAllowed: (endpoint: Endpoint) => boolean = () => true): Endpoint {
    const all = this.endpoints
    for (let tried = 0; tried < all.length; tried += 1) {
      const endpoint = all[this.#next++ % all.length]
      if (endpoint !== undefined && isAllowed(endpoint) && !this.truth.isNow(endpoint.name)) return endpoint
    }
    throw new Error('no endpoint lives')
  }

  /** One dies and comes back, and every nameserver that can know says so. */
  async endpointDies(isAllowed?: (endpoint: Endpoint) => boolean): Promise<void> {
    const endpoint = this.nextEndpoint(isAllowed)
    await this.kill(endpoint)
    await this.settle()
    await this.revive(endpoint)
    await this.settle()
  }

  /** While it runs these nameservers give no answer, or hold what they have, and these endpoints are reached by some only. */
  async expecting<T>(
    expected: {
      readonly silent?: readonly LabSite[]
      readonly holding?: readonly LabSite[]
      readonly doubtful?: readonly Endpoint[]
    },
    run: () => Promise<T>,
  ): Promise<T> {
    const spans = [
      ...(expected.silent ?? []).map(({ nameserver }) => [nameserver.name, 'silent'] as const),
      ...(expected.holding ?? []).map(({ nameserver }) => [nameserver.name, 'holding'] as const),
      ...(expected.doubtful ?? []).map(({ name }) => [name, 'doubtful'] as const),
    ]
    for (const [of, state] of spans) this.truth.begins(of, state)
    try {
      return await run()
    } finally {
      for (const [of, state] of spans) this.truth.ends(of, state)
    }
  }

  /**
   * Waits until each nameserver that can know has answered a whole round of questions with exactly what lives; false when that does
   * not come in time.
   */
  async settle(withinMs = 60_000): Promise<boolean> {
    const rounds = new Map(this.sites.map(({ nameserver }) => [nameserver.name, 0]))
    const fromMs = monotonicMs()
    const isDone = () =>
      [...rounds].every(
        ([name, count]) =>
          count >= WAYS || this.truth.isNow(name, 'silent') || this.truth.isNow(name, 'holding'),
      )
    return this.load.until((observation) => {
      if (observation.askedMs < fromMs) return false
      const { nameserver } = observation
      rounds.set(nameserver, this.#isComplete(observation) ? (rounds.get(nameserver) ?? 0) + 1 : 0)
      return isDone()
    }, withinMs)
  }

  /** Well for so long that no start and no lost quorum is remembered: a quorum that came back must settle for 10 s. */
  async calm(): Promise<void> {
    if (!(await this.settle())) throw new Error('the lab is not well: see `npm run lab -- status`')
    await this.load.pass(CALM_MS)
    if (!(await this.settle())) throw new Error('the lab is not well')
  }

  /** `fairlead` at the site of the control. */
  cli(control: ServiceProcess, ...args: readonly string[]): Promise<CommandResult> {
    const site = this.sites.find((one) => one.control === control)
    return runFairlead(args, { dataDir: control.dataDir, prefix: this.network.prefix(site?.name ?? '') })
  }

  #isComplete(observation: Observation): boolean {
    const options = { endpoints: this.endpoints, spans: this.truth.spans, outMs: 0, recoverMs: 0 }
    return isComplete(observation, options)
  }

  async #begin(options: WorldOptions, folder: string, say: (line: string) => void): Promise<void> {
    for (const line of this.network.missing) say(line)
    for (const address of CANARIES) this.network.addAddress('internet', address)
    const host = { name: 'canaries', site: 'internet', address: CANARIES[0] ?? { v4: '', v6: '' } }
    const addresses = CANARIES.flatMap(({ v4, v6 }) => [v4, v6])
    await new Endpoint(host, this.network.prefix('internet'), addresses).start()
    await Promise.all(this.endpoints.map((endpoint) => endpoint.start()))
    for (const control of this.controls) await control.start()
    say('controls run')
    await Promise.all(
      this.sites
        .flatMap(servicesOf)
        .filter(({ command }) => command !== 'control')
        .map((one) => one.start()),
    )
    say('checkers and nameservers run')
    const file = join(folder, 'lab.yaml')
    const sites = this.sites.map(({ name }) => name)
    writeFileSync(file, stringify(labDocument({ sites, endpoints: this.endpoints, pace: options.pace })))
    const [control] = this.controls
    if (control === undefined) throw new Error('there is no control')
    const applied = await this.cli(control, 'apply', '-f', file)
    if (applied.code !== 0) throw new Error(`the configuration was not taken: ${applied.stderr}`)
    if (!(await this.settle(START_WITHIN_MS)))
      throw new Error('the nameservers do not answer with all endpoints')
    say('every nameserver answers')
  }
}

/** What the history of the health plane reaches back: `settle`, and a little. */
const CALM_MS = 11_000

interface Owned {
  readonly id: string
  readonly reaper: ChildProcess
}

async function build(
  options: WorldOptions,
  owned: Owned & { readonly folder: string },
  make: (parts: Pick<World, 'pace' | 'network' | 'database' | 'sites' | 'load'> & Owned) => World,
): Promise<World> {
  const { id, folder } = owned
  const names = SITE_NAMES.slice(0, options.sites)
  const network = new Network({ id, sites: names, delayMs: options.delayMs })
  const [first = ''] = names
  const place = hostAddress(1, HOST.database)
  network.addAddress(first, place)
  const authority = new CertificateAuthority(folder)
  const database = await PostgresServer.start({
    tls: { ...authority.issue('database', [`IP:${place.v4}`]), caFile: authority.caFile },
    ...{ address: place.v4, port: POSTGRES_PORT, prefix: network.prefix(first), parent: folder },
  })
  const sites = buildSites({
    ...{ folder, network, sites: names, authority, endpointsPerSite: options.endpointsPerSite },
    store: await database.database(),
  })
  const load = new QueryLoad({
    ...{ prefix: network.prefix('clients'), name: LAB_NAME, questionsPerSec: options.questionsPerSec },
    nameservers: sites.map(({ nameserver }, index) => ({
      ...{ nameserver: nameserver.name, port: DNS_PORT },
      ...hostAddress(index + 1, HOST.nameserver),
    })),
  })
  return make({ pace: options.pace, network, database, sites, load, ...owned })
}
