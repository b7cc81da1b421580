/**
 * Data centres out of network namespaces: one for each site, its router, the clients, the hosts of others, and the backbone between.
 * What must stay true: every link is between two namespaces of the lab, so nothing of the machine's own network is touched; a cut is
 * silent, as a broken cable is.
 */
import {
  HOST,
  hostAddress,
  linkAddress,
  NETWORK_NUMBER,
  networkOf,
  slowLinkAddress,
  type Pair,
} from './addresses.ts'
import { labId } from './lab-id.ts'
import { backboneRuleset, siteRuleset, type Trouble } from './ruleset.ts'
import { runTool } from './run-tool.ts'
import { SlowLinks } from './slow-links.ts'

export interface NetworkOptions {
  readonly id: string
  readonly sites: readonly string[]
}

const BACKBONE = 'backbone'
const OUTSIDERS = ['clients', 'internet'] as const
type Outsider = (typeof OUTSIDERS)[number]

export class Network {
  readonly #id: string
  readonly #sites: readonly string[]
  readonly #blackHoles = new Map<string, Pair[]>()
  #trouble: Trouble
  #delayMs = 0
  #slowLinks: SlowLinks | null = null

  constructor({ id, sites }: NetworkOptions) {
    this.#id = id
    this.#sites = sites
    this.#trouble = { cuts: [], lossPercent: 0, lossy: [...sites, 'internet'] }
    this.#addNamespace(BACKBONE, true)
    for (const name of OUTSIDERS) this.#addOutsider(name)
    this.#addCrowd()
    for (const [index, site] of sites.entries()) this.#addSite(site, index + 1)
    this.#tellBackbone()
  }

  /** Goes before a command that is to run there: in a site, `clients` or `internet`. */
  prefix(place: string): string[] {
    return ['ip', 'netns', 'exec', labId.namespace(this.#id, place)]
  }

  /** Nothing passes from the first to the second; both ways unless said otherwise. Names of sites, `clients` or `internet`. */
  cut(from: string, to: string, ways: 'both' | 'one' = 'both'): void {
    const cuts = [[from, to] as const, ...(ways === 'both' ? [[to, from] as const] : [])]
    this.#change({ cuts: [...this.#trouble.cuts, ...cuts] })
  }

  /** From the other sites, and from the hosts of others, but not from the clients. */
  cutOff(site: string): void {
    for (const other of [...this.#sites, 'internet']) if (other !== site) this.cut(site, other)
  }

  /** From everything. */
  isolate(site: string): void {
    this.cutOff(site)
    this.cut(site, 'clients')
  }

  /** Between sites, and between sites and the hosts of others. What clients ask is not lost: every answer is to be judged. */
  lose(lossPercent: number): void {
    this.#change({ lossPercent })
  }

  /** One way, in ms. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** One way, on the link of each site: two sites are twice as far from each other. By netem, or by a relay where there is none. */
  async delay(delayMs: number): Promise<void> {
    if (delayMs === this.#delayMs) return
    if (this.#slowLinks !== null || !this.#setNetem(delayMs)) await this.#setRelay(delayMs)
    this.#delayMs = delayMs
  }

  blackHole(site: string, address: Pair): void {
    this.#blackHoles.set(site, [...(this.#blackHoles.get(site) ?? []), address])
    this.#tellSite(site)
  }

  /** Packets that cuts and losses have taken since the last change of them. */
  get dropped(): number {
    const shown = this.#inside(BACKBONE, ['nft', 'list', 'table', 'inet', 'lab'])
    return Array.from(shown.matchAll(/counter packets (\d+)/g), ([, packets]) => Number(packets)).reduce(
      (sum, one) => sum + one,
      0,
    )
  }

  /** No cut and no loss is left; black holes stay. */
  heal(): void {
    this.#change({ cuts: [], lossPercent: 0 })
  }

  fillBlackHole(site: string, address: Pair): void {
    const left = (this.#blackHoles.get(site) ?? []).filter(({ v4 }) => v4 !== address.v4)
    this.#blackHoles.set(site, left)
    this.#tellSite(site)
  }

  #change(change: Partial<Trouble>): void {
    this.#trouble = { ...this.#trouble, ...change }
    this.#tellBackbone()
  }

  #tellBackbone(): void {
    this.#inside(BACKBONE, ['nft', '-f', '-'], backboneRuleset(this.#trouble))
  }

  #tellSite(site: string): void {
    this.#inside(site, ['nft', '-f', '-'], siteRuleset(this.#blackHoles.get(site) ?? []))
  }

  #addSite(site: string, number: number): void {
    const router = `${site}-router`
    this.#addNamespace(router, true)
    this.#addNamespace(site)
    this.#link(
      [BACKBONE, site, linkAddress(number, 'backbone')],
      [router, 'wan', linkAddress(number, 'router')],
    )
    this.#link([router, 'lan', hostAddress(number, HOST.router)], [site, 'eth0', hostAddress(number, 2)])
    this.#routeBy(site, 'default', hostAddress(number, HOST.router))
    this.#routeLink(site, number, linkAddress)
  }

  #addOutsider(name: Outsider): void {
    const number = NETWORK_NUMBER[name]
    this.#addNamespace(name)
    this.#link([BACKBONE, name, hostAddress(number, HOST.router)], [name, 'eth0', hostAddress(number, 2)])
    this.#routeBy(name, 'default', hostAddress(number, HOST.router))
  }

  /** Every address of that network is on the hosts of others: where many endpoints are one process. */
  #addCrowd(): void {
    const crowd = networkOf(NETWORK_NUMBER.crowd)
    for (const [family, network] of [
      ['-4', crowd.v4],
      ['-6', crowd.v6],
    ] as const)
      this.#ip('internet', family, 'route', 'add', 'local', network, 'dev', 'lo')
    this.#routeBy(BACKBONE, crowd, hostAddress(NETWORK_NUMBER.internet, 2))
  }

  /** More addresses for the hosts of a site. */
  addAddress(place: string, pair: Pair): void {
    const device = ['dev', 'eth0']
    this.#ip(place, 'address', 'add', `${pair.v4}/24`, ...device)
    this.#ip(place, 'address', 'add', `${pair.v6}/64`, ...device, 'nodad')
  }

  #addNamespace(part: string, forwards = false): void {
    runTool('ip', ['netns', 'add', labId.namespace(this.#id, part)])
    this.#ip(part, 'link', 'set', 'lo', 'up')
    if (!forwards) return
    for (const key of ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'])
      this.#inside(part, ['sysctl', '-q', '-w', `${key}=1`])
  }

  #link(...ends: readonly [End, End]): void {
    const [[one, here], [other, there]] = ends
    const peer = ['peer', 'name', there, 'netns', labId.namespace(this.#id, other)]
    this.#ip(one, 'link', 'add', here, 'type', 'veth', ...peer)
    for (const [part, device, { v4, v6 }] of ends) {
      this.#ip(part, 'link', 'set', device, 'up')
      this.#ip(part, 'address', 'add', `${v4}/24`, 'dev', device)
      this.#ip(part, 'address', 'add', `${v6}/64`, 'dev', device, 'nodad')
    }
  }

  #routeBy(part: string, to: Pair | 'default', via: Pair): void {
    this.#ip(part, 'route', 'replace', to === 'default' ? to : to.v4, 'via', via.v4)
    this.#ip(part, '-6', 'route', 'replace', to === 'default' ? to : to.v6, 'via', via.v6)
  }

  #routeLink(site: string, number: number, address: typeof linkAddress): void {
    this.#routeBy(`${site}-router`, 'default', address(number, 'backbone'))
    this.#routeBy(BACKBONE, networkOf(number), address(number, 'router'))
  }

  async #setRelay(delayMs: number): Promise<void> {
    const missing = SlowLinks.missing()
    if (missing !== null) throw new Error(`links can have no delay: this kernel has no netem, and ${missing}`)
    this.#slowLinks ??= await SlowLinks.start(this.#id, this.#sites)
    for (const [index, site] of this.#sites.entries()) {
      this.#slowLinks.delay(index, delayMs)
      this.#routeLink(site, index + 1, delayMs === 0 ? linkAddress : slowLinkAddress)
    }
  }

  /** false: the kernel has none. */
  #setNetem(delayMs: number): boolean {
    const change =
      delayMs === 0
        ? ['del', 'root']
        : ['replace', 'root', 'netem', 'delay', `${delayMs}ms`, 'limit', '10000']
    const [verb = '', ...discipline] = change
    try {
      for (const site of this.#sites) {
        this.#inside(`${site}-router`, ['tc', 'qdisc', verb, 'dev', 'wan', ...discipline])
        this.#inside(BACKBONE, ['tc', 'qdisc', verb, 'dev', site, ...discipline])
      }
      return true
    } catch {
      return false
    }
  }

  #ip(part: string, ...args: readonly string[]): void {
    runTool('ip', ['-n', labId.namespace(this.#id, part), ...args])
  }

  #inside(part: string, command: readonly string[], input?: string): string {
    const [program = '', ...args] = [...this.prefix(part), ...command]
    return runTool(program, args, input)
  }
}

/** Namespace, device, address. */
type End = readonly [string, string, Pair]
