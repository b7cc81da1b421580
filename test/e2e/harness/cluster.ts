/**
 * Three sites on loopback addresses, each with a checker and a nameserver (a real PowerDNS), and controls that share one store:
 * every part a process of its own, joined by mutual TLS with certificates of the test's own authority.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { CertificateAuthority } from '../../../src/adapters/probes/testing/certificates.ts'
import { EndpointProcess } from './endpoint-process.ts'
import { eventually } from './eventually.ts'
import { runFairlead, type CommandResult } from './fairlead-process.ts'
import { loopback, type Ground } from './ground.ts'
import { ServiceProcess } from './service-process.ts'

const run = promisify(execFile)

export const SITE_NAMES = ['ams', 'fra', 'lon'] as const
export type SiteName = (typeof SITE_NAMES)[number]

/** The parts of a site, and each endpoint, on an address of their own. */
const LOOPBACK = loopback({
  ...Object.fromEntries(
    SITE_NAMES.flatMap((site, index) =>
      [checkerName(site), nameserverName(site)].map((name) => [name, `127.0.${index + 1}.1`]),
    ),
  ),
  ...Object.fromEntries([1, 2, 3].map((index) => [`e${index}`, `127.0.9.${index}`])),
})

/** Longer than `settle`: for 10 s after a start nothing that was up is taken out. */
const ANSWER_MS = 30_000

export interface Part {
  readonly site: SiteName
  readonly process: ServiceProcess
  readonly address: string
  /** Of DNS, or of frames. */
  readonly port: number
}

export interface ClusterOptions {
  readonly ground?: Ground
  /** Lines of each site in the configuration, after its checkers. */
  readonly siteLines?: string
  /** Of the controls: a path or a URL; a file of its own if absent. */
  readonly store?: string
  /** More settings of the controls. */
  readonly controlSettings?: Record<string, unknown>
}

export function checkerName(site: SiteName): string {
  return `${site}-1`
}

export function nameserverName(site: SiteName): string {
  return `ns-${site}`
}

export class Cluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'fairlead-cluster-'))
  readonly authority = new CertificateAuthority()
  readonly controls: ServiceProcess[] = []
  readonly checkers: Part[] = []
  readonly nameservers: Part[] = []
  readonly endpoints: EndpointProcess[] = []
  readonly #options: ClusterOptions
  readonly #ground: Ground
  /** Where controls serve nodes. */
  readonly #nodePlaces: string[] = []
  readonly #settings = new Map<ServiceProcess, Record<string, unknown>>()

  constructor(options: ClusterOptions = {}) {
    this.#options = options
    this.#ground = options.ground ?? LOOPBACK
  }

  /** Starts everything; `endpoints` servers answer for www.cluster.test, the first one first. */
  async start({
    controls = 2,
    endpoints = 2,
    sites = SITE_NAMES,
  }: {
    readonly controls?: number
    readonly endpoints?: number
    readonly sites?: readonly SiteName[]
  } = {}): Promise<void> {
    for (let index = 1; index <= controls; index += 1) {
      const place = this.#ground.place(`c${index}`)
      this.#nodePlaces.push(`${place.address}:${await place.port()}`)
    }
    for (let index = 1; index <= controls; index += 1) this.controls.push(this.#control(index))
    for (const site of sites) {
      this.checkers.push(await this.#checker(site))
      this.nameservers.push(await this.#nameserver(site))
    }
    for (let index = 1; index <= endpoints; index += 1) {
      const { address, prefix, port } = this.#ground.place(`e${index}`)
      const endpoint = new EndpointProcess(address, await port(), prefix)
      this.endpoints.push(endpoint)
      await endpoint.start()
    }
    for (const control of this.controls) await control.start()
    await Promise.all([...this.checkers, ...this.nameservers].map((part) => part.process.start()))
  }

  async stop(): Promise<void> {
    for (const service of this.#all()) await service.end()
    for (const endpoint of this.endpoints) await endpoint.kill()
    this.#ground.clear()
    this.authority[Symbol.dispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** The configuration, with everything that runs in it. */
  document({ ttlSec = 5 } = {}): string {
    const sites = this.checkers.map(({ site, process: { name }, address, port }) => {
      const more = this.#options.siteLines ?? ''
      return `  - { name: ${site}, checkers: [{ name: ${name}, address: ${address}, port: ${port} }]${more} }`
    })
    const endpoints = this.endpoints.map(
      ({ address, port }, index) =>
        `      - { name: e${index + 1}, address: ${address}, port: ${port}, site: ams }`,
    )
    return [
      'sites:',
      ...sites,
      'zones: [{ name: cluster.test, nameservers: [ns1.elsewhere.test] }]',
      'monitors:',
      '  - { name: web, kind: http, intervalMs: 500, fastIntervalMs: 200, timeoutMs: 400, fall: 2, rise: 2 }',
      'pools:',
      '  - name: web',
      '    monitors: [web]',
      '    endpoints:',
      ...endpoints,
      'loadBalancers:',
      `  - { name: www.cluster.test, zone: cluster.test, ttlSec: ${ttlSec}, policy: { kind: all, pools: [web] } }`,
      '',
    ].join('\n')
  }

  async apply(document: string, control = this.controls[0]!): Promise<void> {
    const file = join(this.folder, 'applied.yaml')
    writeFileSync(file, document)
    const result = await this.cli(control, 'apply', '-f', file)
    expect(result).toMatchObject({ code: 0 })
  }

  cli(control: ServiceProcess, ...args: readonly string[]): Promise<CommandResult> {
    const { prefix } = this.#ground.place(control.name)
    return runFairlead(args, { dataDir: control.dataDir, prefix })
  }

  /** The answer section as `dig +short` prints it, sorted. */
  async dig(nameserver: Part, name = 'www.cluster.test', type = 'A'): Promise<string[]> {
    const server = [`@${nameserver.address}`, '-p', String(nameserver.port)]
    const { stdout } = await run('dig', [...server, '+short', '+tries=1', '+time=1', name, type])
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .sort()
  }

  /** Every nameserver that is named answers with the addresses of these endpoints, sooner or later. */
  async answers(
    endpoints: readonly EndpointProcess[],
    nameservers: readonly Part[] = this.nameservers,
  ): Promise<void> {
    const expected = endpoints.map((endpoint) => endpoint.address).sort()
    await Promise.all(
      nameservers.map((nameserver) =>
        eventually(
          async () => {
            expect(await this.dig(nameserver)).toEqual(expected)
          },
          { withinMs: ANSWER_MS, everyMs: 200 },
        ),
      ),
    )
  }

  /** Control says so of the endpoint, sooner or later. */
  async isUp(endpoint: string): Promise<void> {
    await eventually(
      async () => {
        const { stdout } = await this.cli(this.controls[0]!, 'status', '--json')
        const status = JSON.parse(stdout) as {
          endpoints: { pool: string; endpoint: string; state: string }[]
        }
        const states = status.endpoints.map((one) => `${one.pool}/${one.endpoint} ${one.state}`)
        expect(states).toContain(`${endpoint} up`)
      },
      { withinMs: ANSWER_MS, everyMs: 200 },
    )
  }

  /** Changes settings of a process; they are read at its next start or SIGHUP. */
  configure(service: ServiceProcess, change: Record<string, unknown>): void {
    const settings = { ...this.#settings.get(service), ...change }
    this.#settings.set(service, settings)
    service.configure(settings)
  }

  /** Puts another certificate of the same identity in the place of the one that it has. */
  renewCertificate(service: ServiceProcess, by = this.authority): void {
    const { certificateFile, keyFile } = this.#settings.get(service) as Record<string, string>
    const identity = /URI:(\S+)/.exec(readFileSync(join(this.folder, `${service.name}.uri`), 'utf8'))?.[1]
    const issued = by.issue(`renewed-${service.name}-${Date.now()}`, [`URI:${identity!}`])
    writeFileSync(certificateFile!, issued.cert)
    writeFileSync(keyFile!, issued.key)
  }

  /** Where control `index` (from 0) serves nodes. */
  nodePlace(index: number): string {
    return this.#nodePlaces[index] ?? ''
  }

  #all(): ServiceProcess[] {
    return [...this.nameservers, ...this.checkers].map((part) => part.process).concat(this.controls)
  }

  #control(index: number): ServiceProcess {
    const name = `c${index}`
    return this.#service('control', {
      ...{ name, uri: `fairlead://control/${name}` },
      settings: {
        store: this.#options.store ?? join(this.folder, 'store.sqlite'),
        api: '127.0.0.1:0',
        nodes: this.#nodePlaces[index - 1],
        ...this.#options.controlSettings,
      },
    })
  }

  async #checker(site: SiteName): Promise<Part> {
    const name = checkerName(site)
    const place = this.#ground.place(name)
    const [port, { address }] = [await place.port(), place]
    const settings = { controls: this.#nodePlaces, frames: `${address}:${port}` }
    const uri = `fairlead://checker/${site}/${name}`
    return { site, address, port, process: this.#service('checker', { name, uri, settings }) }
  }

  async #nameserver(site: SiteName): Promise<Part> {
    const name = nameserverName(site)
    const place = this.#ground.place(name)
    const [port, { address }] = [await place.port(), place]
    const settings = { controls: this.#nodePlaces, dnsAddress: [address], dnsPort: port }
    const uri = `fairlead://nameserver/${site}/${name}`
    return { site, address, port, process: this.#service('nameserver', { name, uri, settings }) }
  }

  #service(
    command: ServiceProcess['command'],
    about: { readonly name: string; readonly uri: string; readonly settings: Record<string, unknown> },
  ): ServiceProcess {
    const { name, uri } = about
    writeFileSync(join(this.folder, `${name}.uri`), `URI:${uri}\n`)
    const { certificateFile, keyFile } = this.authority.issue(name, [`URI:${uri}`])
    const { prefix } = this.#ground.place(name)
    const service = new ServiceProcess(command, { folder: this.folder, name, prefix, settings: {} })
    const { dataDir, logFile } = service
    const tls = { certificateFile, keyFile, caFile: this.authority.caFile }
    this.configure(service, { dataDir, logFile, ...tls, ...about.settings })
    return service
  }
}
