/**
 * Data centres out of network namespaces: one for each site, its router, the clients, the hosts of others, and the backbone between.
 * What must stay true: every link is between two namespaces of the lab, so nothing of the machine's own network is touched; a cut is
 * silent, as a broken cable is.
 */
import { HOST, hostAddress, linkAddress, NETWORK_NUMBER, networkOf, type Pair } from './addresses.ts'
import { labId } from './lab-id.ts'
import { backboneRuleset, siteRuleset, type Trouble } from './ruleset.ts'
import { runTool } from './run-tool.ts'

export interface NetworkOptions {
  readonly id: string
  readonly sites: readonly string[]
  /** One way, on each link of a site. */
  readonly delayMs: number
}

const BACKBONE = 'backbone'
const OUTSIDERS = ['clients', 'internet'] as const
type Outsider = (typeof OUTSIDERS)[number]

export class Network {
  readonly #id: string
  readonly #sites: readonly string[]
  readonly #blackHoles = new Map<string, Pair[]>()
  #trouble: Trouble
  /** What the kernel cannot do here. */
  readonly missing: string[] = []

  constructor({ id, sites, delayMs }: NetworkOptions) {
    this.#id = id
    this.#sites = sites
    this.#trouble = { cuts: [], lossPercent: 0, lossy: [...sites, 'internet'] }
    this.#addNamespace(BACKBONE, true)
    for (const name of OUTSIDERS) this.#addOutsider(name)
    this.#addCrowd()
    for (const [index, site] of sites.entries()) this.#addSite(site, index + 1)
    if (delayMs > 0) this.#delay(delayMs)
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

  blackHole(site: string, address: Pair): void {
    this.#blackHoles.set(site, [...(this.#blackHoles.get(site) ?? []), address])
    this.#tellSite(site)
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
    this.#routeBy(router, 'default', linkAddress(number, 'backbone'))
    this.#routeBy(site, 'default', hostAddress(number, HOST.router))
    this.#routeBy(BACKBONE, networkOf(number), linkAddress(number, 'router'))
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
    this.#ip(part, 'route', 'add', to === 'default' ? to : to.v4, 'via', via.v4)
    this.#ip(part, '-6', 'route', 'add', to === 'default' ? to : to.v6, 'via', via.v6)
  }

  #delay(delayMs: number): void {
    try {
      for (const site of this.#sites) {
        const netem = ['root', 'netem', 'delay', `${delayMs}ms`]
        this.#inside(`${site}-router`, ['tc', 'qdisc', 'add', 'dev', 'wan', ...netem])
        this.#inside(BACKBONE, ['tc', 'qdisc', 'add', 'dev', site, ...netem])
      }
    } catch {
      this.missing.push('links have no delay: this kernel has no netem')
    }
  }

  #ip(part: string, ...args: readonly string[]): void {
    runTool('ip', ['-n', labId.namespace(this.#id, part), ...args])
  }

  #inside(part: string, command: readonly string[], input?: string): void {
    const [program = '', ...args] = [...this.prefix(part), ...command]
    runTool(program, args, input)
  }
}

/** Namespace, device, address. */
type End = readonly [string, string, Pair]
