/**
 * Signed zones of every kind below a signed parent, both on the PowerDNS of one `fairlead up`: the parent's DS are records that a
 * test puts there, as a registrar would.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { SAMPLE_PLACES } from '../../../scripts/sample-locations.ts'
import { askDns } from '../../../src/adapters/dns-client/ask-dns.ts'
import { locationDatabase } from '../../../src/adapters/geoip/testing/location-database.ts'
import { freePort } from '../../../src/adapters/probes/testing/free-port.ts'
import { EXIT } from '../../../src/core/exit-code.ts'
import type { DnssecView } from '../../../src/core/views/dnssec.ts'
import { eventually } from './eventually.ts'
import { FairleadProcess, runFairlead, type CommandResult } from './fairlead-process.ts'
import { Validators } from './validators.ts'

export const PARENT = 'parent.test'

/** A zone of each kind of signing. */
const CHILDREN = {
  nsec: { denial: 'nsec' },
  nsec3: { denial: 'nsec3' },
  rsa: { algorithm: 8 },
  p384: { algorithm: 14, denial: 'nsec3' },
  split: { algorithm: 15, keys: 'ksk-zsk' },
} as const
export type Child = keyof typeof CHILDREN
export const NAMES = Object.keys(CHILDREN) as Child[]

const RULE = { when: { clientMap: { map: 'office', entries: ['ams'] } }, pools: ['spare'] }
/** Load balancers of each zone: `none` has nothing to answer with. */
export const BALANCERS = {
  weighted: { policy: { kind: 'weighted', pools: ['web'] } },
  all: { policy: { kind: 'all', pools: ['web'] } },
  failover: { policy: { kind: 'failover', tiers: [{ pool: 'web' }, { pool: 'spare' }] } },
  sticky: { policy: { kind: 'sticky', pools: ['web'] } },
  nearest: { policy: { kind: 'nearest', pools: ['web'] } },
  mapped: { policy: { kind: 'all', pools: ['web'], rules: [RULE] } },
  alias: { policy: { kind: 'failover', tiers: [{ pool: 'hosts' }] } },
  none: { policy: { kind: 'all', pools: ['off'] }, whenDown: { kind: 'empty' } },
}

/** What each zone is asked: what is there, what is not, by wildcard, at the apex, at delegations. Label and type. */
export type Questions = readonly (readonly [string, string])[]
export const QUESTIONS: Questions = [
  ...Object.keys(BALANCERS).flatMap((name) => ['A', 'AAAA', 'TXT'].map((type) => [name, type] as const)),
  ['', 'SOA'],
  ['', 'NS'],
  ['', 'DNSKEY'],
  ['', 'CAA'],
  ['', 'TXT'],
  ['v6', 'AAAA'],
  ['mail', 'MX'],
  ['cname', 'AAAA'],
  ['_sip._tcp', 'SRV'],
  ['deep.er.down', 'TXT'],
  ['er.down', 'A'],
  ['down', 'TXT'],
  ['x.wild', 'A'],
  ['x.y.wild', 'A'],
  ['x.wild', 'MX'],
  ['nothing', 'A'],
  ['not.at.all', 'TXT'],
  ['nothing.mail', 'A'],
  ['insecure', 'DS'],
]
export const A_FEW: Questions = [
  ['weighted', 'A'],
  ['all', 'A'],
  ['nothing', 'A'],
  ['', 'DNSKEY'],
  ['x.wild', 'A'],
  ['mail', 'MX'],
]

export class SignedZones {
  readonly folder = mkdtempSync(join(tmpdir(), 'fairlead-dnssec-'))
  readonly port: number
  readonly fairlead: FairleadProcess
  /** Put into the `dnssec` of a zone. */
  readonly changed = new Map<Child, object>()
  /** The first endpoint of the pool is taken out. */
  withdrawn = false
  /** DS that the parent gives. */
  readonly #given = new Map<Child, readonly string[]>()
  #validators: Validators | null = null

  static async make(): Promise<SignedZones> {
    const world = new SignedZones(await freePort())
    await world.#begin()
    return world
  }

  private constructor(port: number) {
    this.port = port
    const places = join(this.folder, 'places.mmdb')
    writeFileSync(places, locationDatabase(SAMPLE_PLACES))
    const args = ['--geoip-database', places]
    this.fairlead = new FairleadProcess({ dataDir: join(this.folder, 'data'), dnsPort: port, args })
  }

  async #begin(): Promise<void> {
    await this.fairlead.start()
    await this.apply()
    for (const child of NAMES) {
      const { keys } = await this.shown(nameOf(child))
      await this.giveDs(
        child,
        keys.map(({ tag }) => tag),
      )
    }
  }

  async end(): Promise<void> {
    await this.fairlead.end()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** From the anchor that the parent's key is. */
  async validators(): Promise<Validators> {
    this.#validators ??= this.validatorsFrom((await this.shown(PARENT)).keys[0]?.dnskey ?? '')
    return this.#validators
  }

  validatorsFrom(dnskey: string): Validators {
    const folder = mkdtempSync(join(this.folder, 'anchor-'))
    return new Validators({ folder, port: this.port, anchor: { zone: PARENT, dnskey } })
  }

  run(args: readonly string[], input = ''): Promise<CommandResult> {
    return runFairlead(args, { dataDir: this.fairlead.dataDir, input })
  }

  /** A document of only these zones. */
  applyZones(...zones: readonly object[]): Promise<CommandResult> {
    return this.run(['apply', '-f', '-'], JSON.stringify({ zones }))
  }

  /** The whole document once more, as it is now. */
  async apply(): Promise<void> {
    const { code, stderr } = await this.run(['apply', '-f', '-'], JSON.stringify(this.#document()))
    expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
  }

  async shown(zone: string): Promise<DnssecView> {
    const { code, stdout, stderr } = await this.run(['dnssec', 'show', zone, '--json'])
    expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
    return JSON.parse(stdout) as DnssecView
  }

  /** The parent gives the DS of these keys, and of no others of the zone. */
  async giveDs(child: Child, tags: readonly number[]): Promise<void> {
    const { keys } = await this.shown(nameOf(child))
    const ds = keys.filter(({ tag }) => tags.includes(tag)).flatMap((key) => key.ds.slice(0, 1))
    this.#given.set(child, ds)
    await this.apply()
    await this.untilAnswered(nameOf(child), 'DS', ds)
  }

  async untilAnswered(name: string, type: 'A' | 'DS' | 'DNSKEY', values: readonly string[]): Promise<void> {
    await eventually(async () => {
      const answer = await askDns({ address: '127.0.0.1', port: this.port }, { name, type })
      expect(answer.kind === 'answer' ? answer.values : answer).toEqual([...values].sort())
    })
  }

  async expectValid(child: Child, questions: Questions = QUESTIONS): Promise<void> {
    const validators = await this.validators()
    const invalid: string[] = []
    const left = [...questions]
    const worker = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [label, type] = next
        const { validated, text } = await validators.delv(ownerOf(label, child), type)
        if (!validated) invalid.push(`${label} ${type}: ${text}`)
      }
    }
    await Promise.all(Array.from({ length: 4 }, worker))
    expect(invalid).toEqual([])
  }

  zone(child: Child): object {
    const name = nameOf(child)
    return {
      ...{ name, nameservers: [`ns1.${name}`], soa: { negativeTtlSec: 1 }, ttlSec: 2 },
      dnssec: {
        ...{ propagationSec: 0, parentPropagationSec: 0 },
        parentServers: [{ address: '127.0.0.1', port: this.port }],
        ...CHILDREN[child],
        ...this.changed.get(child),
      },
      records: recordsOf(name),
    }
  }

  #document(): object {
    const endpoints = [
      endpoint('a', '192.0.2.1', { enabled: !this.withdrawn }),
      endpoint('b', '192.0.2.2'),
      endpoint('c', '2001:db8::2'),
    ]
    return {
      settings: { geoip: { enabled: true } },
      sites: [{ name: 'ams', coordinates: { latitude: 52, longitude: 5 } }],
      clientMaps: [{ name: 'office', entries: [{ name: 'ams', prefixes: ['10.0.0.0/8'] }] }],
      zones: [this.#parent(), ...NAMES.map((child) => this.zone(child))],
      pools: [
        { name: 'web', endpoints },
        { name: 'spare', endpoints: [endpoint('s', '192.0.2.50')] },
        { name: 'hosts', endpoints: [endpoint('h', 'target.elsewhere.test')] },
        { name: 'off', endpoints: [endpoint('o', '192.0.2.66', { enabled: false })] },
      ],
      loadBalancers: NAMES.flatMap((child) =>
        Object.entries(BALANCERS).map(([label, balancer]) => ({
          ...{ name: ownerOf(label, child), zone: nameOf(child), ttlSec: 2, ...balancer },
        })),
      ),
    }
  }

  #parent(): object {
    const ds = NAMES.flatMap((child) => {
      const values = (this.#given.get(child) ?? []).map((text) => {
        const [tag, algorithm, type, digest] = text.split(' ')
        return { keyTag: Number(tag), algorithm: Number(algorithm), digestType: Number(type), digest }
      })
      return values.length === 0 ? [] : [{ name: child, type: 'DS', ttlSec: 1, values }]
    })
    const delegations = NAMES.flatMap((child) => [
      { name: child, type: 'NS', values: [`ns1.${nameOf(child)}`] },
      { name: `ns1.${child}`, type: 'A', values: ['127.0.0.1'] },
    ])
    return {
      ...{ name: PARENT, nameservers: ['ns1.elsewhere.test'], soa: { negativeTtlSec: 1 } },
      dnssec: { parentServers: [] },
      records: [...delegations, ...ds],
    }
  }
}

export function nameOf(child: Child): string {
  return `${child}.${PARENT}`
}

export function ownerOf(label: string, child: Child): string {
  return label === '' ? nameOf(child) : `${label}.${nameOf(child)}`
}

function endpoint(name: string, address: string, more: object = {}): object {
  return { name, address, port: 80, site: 'ams', ...more }
}

function recordsOf(zone: string): object[] {
  const srv = { priority: 1, weight: 1, port: 5060, target: 'sip.example.net' }
  return [
    { name: 'ns1', type: 'A', values: ['127.0.0.1'] },
    { name: 'v6', type: 'AAAA', values: ['2001:db8::1'] },
    { name: 'mail', type: 'MX', values: [{ preference: 10, exchange: 'mx.example.net' }] },
    { name: 'deep.er.down', type: 'TXT', values: ['below empty non-terminals'] },
    { name: 'cname', type: 'CNAME', values: [`v6.${zone}`] },
    { name: '@', type: 'CAA', values: [{ tag: 'issue', value: 'ca.example.net' }] },
    { name: '_sip._tcp', type: 'SRV', values: [srv] },
    { name: '*.wild', type: 'A', values: ['192.0.2.7'] },
    { name: 'insecure', type: 'NS', values: ['ns.elsewhere.test'] },
    { name: 'glued', type: 'NS', values: [`ns.glued.${zone}`] },
    { name: 'ns.glued', type: 'A', values: ['192.0.2.9'] },
  ]
}
