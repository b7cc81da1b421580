/**
 * The running lab, as a fault sees it: sites, controls, the database, the network, the clients. What must stay true: whatever it does
 * to an endpoint is in the truth in the same moment, and what this process started ends with it, however it ends.
 */
import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { CertificateAuthority } from '../../src/adapters/probes/testing/certificates.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import { runFairlead } from '../../test/e2e/harness/fairlead-process.ts'
import type { ServiceProcess } from '../../test/e2e/harness/service-process.ts'
import { judgeWrites } from '../load/judge-writes.ts'
import { isComplete } from '../load/judge.ts'
import type { Observation } from '../load/observation.ts'
import type { QueryLoad } from '../load/query-load.ts'
import { Truth } from '../load/truth.ts'
import { WriteLoad, type StoredRevision } from '../load/write-load.ts'
import { monotonicMs } from '../monotonic-ms.ts'
import { HOST, hostAddress } from '../network/addresses.ts'
import { connectTimeMs } from '../network/connect-time.ts'
import type { Network } from '../network/network.ts'
import { removeLab } from '../network/remove-labs.ts'
import type { Database } from './database.ts'
import { begin, type Expected } from './expected.ts'
import type { Endpoint } from './endpoint.ts'
import { FRAMES_PORT, LAB_NAME, labDocument, PACES, type Pace } from './lab-document.ts'
import { servicesOf, signalPowerdns, type LabSite } from './lab-site.ts'

export interface WorldParts extends Pick<
  World,
  'pace' | 'isBrief' | 'network' | 'database' | 'sites' | 'load' | 'authority'
> {
  readonly owned: { readonly id: string; readonly folder: string; readonly reaper: ChildProcess }
}

/** So many different ways to ask (transport, family, type); all of them are asked in turn. */
const WAYS = 8
/** A quorum that came back settles for 10 s; the votes of a checker that was started come with its next probes. */
const SETTLES_MS = 11_000
/** A checker that fenced itself needs as many good rounds as the bad ones earned, at most eight, one a second. */
const FENCED_MS = 9_000

export class World {
  readonly pace: Pace
  /** Faults that have a duration take it, instead of a short one. */
  readonly isBrief: boolean
  readonly truth = new Truth()
  readonly network: Network
  readonly database: Database
  readonly sites: readonly LabSite[]
  readonly load: QueryLoad
  readonly authority: CertificateAuthority
  readonly #owned: WorldParts['owned']
  #next = 0
  #writesMs: number | null = null
  #writings = 0
  #restsUntilMs = -Infinity
  readonly #worn = new Set<Endpoint>()
  #crowd: readonly Endpoint[] = []
  #past: readonly Endpoint[] = []

  constructor(parts: WorldParts) {
    this.pace = parts.pace
    this.isBrief = parts.isBrief
    this.network = parts.network
    this.database = parts.database
    this.sites = parts.sites
    this.load = parts.load
    this.authority = parts.authority
    this.#owned = parts.owned
  }

  async stop(): Promise<void> {
    await removeLab(this.#owned.id)
    this.#owned.reaper.stdin?.end()
  }

  /** All that are answered. */
  get endpoints(): readonly Endpoint[] {
    return [...this.sites.flatMap(({ endpoints }) => endpoints), ...this.#crowd]
  }

  /** All that were answered since the last `forget`. */
  get judged(): readonly Endpoint[] {
    return [...this.endpoints, ...this.#past]
  }

  /** The longest time without a change, where changes were made. */
  get writesMs(): number | null {
    return this.#writesMs
  }

  /** What was over before. */
  forget(beforeMs: number): void {
    for (const { name } of this.#past) this.truth.ends(name, 'dead')
    this.#past = []
    this.#writesMs = null
    this.truth.forget(beforeMs)
    this.load.forget(beforeMs)
  }

  /** Verdicts may take out no more than so much at once; not so while there is a crowd. */
  get hasBudget(): boolean {
    return this.#crowd.length === 0
  }

  /** Adds endpoints to the pool; they live, and the nameservers are given the time to learn it. */
  async addCrowd(crowd: readonly Endpoint[]): Promise<void> {
    this.#crowd = crowd
    await this.apply(labDocument(this))
    await this.settle()
  }

  /** Takes them from the pool; answers from before are still judged with them, until `forget`. */
  async removeCrowd(): Promise<void> {
    this.#past = this.#crowd
    this.#crowd = []
    await this.apply(labDocument(this))
    this.disturbed()
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

  /** It is given a certificate that has expired, and runs on. */
  expireCertificate(endpoint: Endpoint): void {
    this.authority.issue(endpoint.name, [`DNS:${LAB_NAME}`], 0)
    this.truth.begins(endpoint.name, 'dead')
    endpoint.readCertificate()
  }

  renewCertificate(endpoint: Endpoint): void {
    this.authority.issue(endpoint.name, [`DNS:${LAB_NAME}`])
    endpoint.readCertificate()
    this.truth.ends(endpoint.name, 'dead')
  }

  /** While it runs the links of all sites have this delay: one way between two sites, half of it on the link of each. */
  async delaying(betweenSitesMs: number, run: () => Promise<void>): Promise<void> {
    const { delayMs } = this.network
    await this.network.delay(betweenSitesMs / 2)
    try {
      const tookMs = connectTimeMs(
        this.network.prefix(this.site(0).name),
        hostAddress(2, HOST.checker).v4,
        FRAMES_PORT,
      )
      if (tookMs < 2 * betweenSitesMs)
        throw new Error(`a round trip between two sites takes ${Math.round(tookMs)} ms`)
      await run()
    } finally {
      await this.network.delay(delayMs)
    }
  }

  /** Its processes are killed and its links cut, as when its power is gone. */
  async loseSite(site: LabSite): Promise<void> {
    this.network.isolate(site.name)
    for (const endpoint of site.endpoints) this.truth.begins(endpoint.name, 'dead')
    const killed = [...servicesOf(site), ...(this.#hasDatabase(site) ? [this.database] : [])]
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
    if (this.#hasDatabase(site)) await this.database.resume()
    await Promise.all(site.endpoints.map((endpoint) => this.revive(endpoint)))
    await this.start(...servicesOf(site))
  }

  /** One that has not died for the longest time, and lives: what flapped lately comes back slowly. */
  nextEndpoint(isAllowed: (endpoint: Endpoint) => boolean = () => true): Endpoint {
    const all = this.sites.flatMap(({ endpoints }) => endpoints)
    for (let tried = 0; tried < all.length; tried += 1) {
      const endpoint = all[this.#next++ % all.length]
      if (
        endpoint !== undefined &&
        isAllowed(endpoint) &&
        !this.#worn.has(endpoint) &&
        !this.truth.isNow(endpoint.name)
      )
        return endpoint
    }
    throw new Error('no endpoint lives')
  }

  /** It has flapped so much that it comes back slowly: no other fault takes it. */
  wearOut(endpoint: Endpoint): void {
    this.#worn.add(endpoint)
  }

  /**
   * One dies and comes back, and every nameserver that can know says so; with `atLeastMs` not before so much time has passed. With
   * `meanwhile` that is awaited before it is back, and then those who can know of the death since.
   */
  async endpointDies(
    options: {
      readonly isAllowed?: (endpoint: Endpoint) => boolean
      readonly atLeastMs?: number
      readonly meanwhile?: () => Promise<void>
    } = {},
  ): Promise<void> {
    const passed = this.load.pass(options.atLeastMs ?? 0)
    const endpoint = this.nextEndpoint(options.isAllowed)
    try {
      await this.kill(endpoint)
      await options.meanwhile?.()
      await this.settle()
    } finally {
      await this.revive(endpoint)
    }
    await this.settle()
    await passed
  }

  /** Until the function that it gives is called these give no answer, or hold what they have, or are reached by some only. */
  expect(expected: Expected): () => void {
    return begin(expected, this.truth)
  }

  /** The same while something runs. */
  async expecting<T>(expected: Expected, run: () => Promise<T>): Promise<T> {
    const end = this.expect(expected)
    try {
      return await run()
    } finally {
      end()
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
  async calm(rests: boolean): Promise<void> {
    if (!(await this.settle())) throw new Error('the lab is not well: see `npm run lab -- status`')
    if (!rests) return
    await this.load.pass(this.#restsUntilMs - monotonicMs())
    if (!(await this.settle())) throw new Error('the lab is not well')
  }

  /** Throws after a minute: what the fault goes on with would not be what it says. */
  async settled(): Promise<void> {
    if (!(await this.settle())) throw new Error('not every nameserver that can know answered with what lives')
  }

  /** At once. For a while afterwards a nameserver that was started takes nothing out; the next calm waits for that. */
  async start(...services: readonly ServiceProcess[]): Promise<void> {
    await Promise.all(services.map((service) => service.start()))
    this.disturbed()
  }

  /** No cut and no loss is left. Checkers may have fenced themselves meanwhile. */
  heal(): void {
    this.network.heal()
    this.disturbed(FENCED_MS)
  }

  /** A quorum may have been lost (also by a new definition), or will come back so much later: the next calm waits for what follows. */
  disturbed(laterMs = 0): void {
    const untilMs = monotonicMs() + laterMs + PACES[this.pace].intervalMs + SETTLES_MS
    this.#restsUntilMs = Math.max(this.#restsUntilMs, untilMs)
  }

  /** Through the first control. */
  async apply(document: unknown): Promise<void> {
    const file = join(this.#owned.folder, 'applied.yaml')
    writeFileSync(file, stringify(document))
    await this.cli('apply', '-f', file)
  }

  /** `fairlead` beside the first control. Throws what it says when it fails. */
  async cli(...args: readonly string[]): Promise<string> {
    const { control, name } = this.site(0)
    const options = { dataDir: control?.dataDir ?? '', prefix: this.network.prefix(name) }
    const { code, stdout, stderr } = await runFairlead(args, options)
    // `status` says by its exit code that something needs an operator.
    if (code !== EXIT.ok && code !== EXIT.differs)
      throw new Error(`fairlead ${args.join(' ')}: exit code ${code}, ${stderr}`)
    return stdout
  }

  /** While it runs changes come in through every control. Throws where one that was acknowledged is lost, or one is there twice. */
  async writing(run: (writes: WriteLoad) => Promise<void>): Promise<void> {
    // Their numbers begin anew, and what the store has of earlier ones stays in its history.
    const turn = (this.#writings += 1)
    const writers = this.sites.flatMap(({ name, control }) =>
      control === null
        ? []
        : [{ zone: `${name}-${turn}.test`, dataDir: control.dataDir, prefix: this.network.prefix(name) }],
    )
    const writes = new WriteLoad(writers)
    try {
      await run(writes)
    } finally {
      await writes.end()
    }
    const revisions = await this.cli('get', 'revisions', '--limit', '1000', '--json')
    const judged = judgeWrites(writes.acknowledged, JSON.parse(revisions) as StoredRevision[])
    for (const { zone } of writers) await this.cli('delete', 'zone', zone)
    const { writesMs, lost, twice } = judged
    this.#writesMs = writesMs
    if (lost + twice > 0)
      throw new Error(`of the changes that were acknowledged ${lost} are lost, ${twice} there twice`)
  }

  #hasDatabase(site: LabSite): boolean {
    return site === this.sites[this.database.site]
  }

  #isComplete(observation: Observation): boolean {
    const options = { endpoints: this.endpoints, spans: this.truth.spans, outMs: 0, recoverMs: 0 }
    return isComplete(observation, options)
  }
}
