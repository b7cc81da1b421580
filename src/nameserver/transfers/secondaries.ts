/**
 * All secondaries of all zones: from what was committed to those that have to hear of it.
 * What must stay true: each pair of a zone and a server is looked after by one Secondary, from the first commit that names it to
 * the one that does not.
 */
import type { Configuration } from '../../core/model/configuration.ts'
import type { SecondaryReport } from '../../ports/report.ts'
import type { StorageChange, WriteResult } from '../../ports/zone-storage.ts'
import { expectationsOf, type Expectation } from '../expectation.ts'
import type { Secondary } from './secondary.ts'

export interface SecondariesOptions {
  readonly make: (zone: string, server: SecondaryServer) => Secondary
}

export interface SecondaryServer {
  readonly address: string
  readonly port: number
  /** Name of the key. */
  readonly tsigKey: string
}

interface Followed {
  readonly secondary: Secondary
  readonly tsigKey: string
}

export class Secondaries {
  readonly #options: SecondariesOptions
  /** By zone, then by place. */
  readonly #followed = new Map<string, Map<string, Followed>>()
  #configuration: Configuration | null = null

  constructor(options: SecondariesOptions) {
    this.#options = options
  }

  /** Those that are no longer named are left alone from now on. */
  define(configuration: Configuration): void {
    this.#configuration = configuration
    for (const [zone, followed] of this.#followed) {
      const places = new Map(serversOf(configuration, zone).map((server) => [placeOf(server), server]))
      for (const [place, { secondary, tsigKey }] of followed)
        if (places.get(place)?.tsigKey !== tsigKey) {
          secondary.stop()
          followed.delete(place)
        }
      if (followed.size === 0) this.#followed.delete(zone)
    }
    // What was committed before this process is looked after too.
    for (const zone of configuration.zone.keys()) this.#follow(zone)
  }

  committed(change: StorageChange, result: WriteResult): void {
    for (const { zone, owners } of result.written) {
      const records = change.zones.find((one) => one.zone.name === zone)?.owners
      const expected = new Map<string, readonly Expectation[]>()
      for (const name of owners) {
        const now = records?.get(name) ?? null
        expected.set(name, expectationsOf({ name, records: now, before: null, delegated: false }))
      }
      for (const { secondary } of this.#follow(zone).values()) secondary.changed(expected)
    }
  }

  reports(): SecondaryReport[] {
    return Array.from(this.#followed).flatMap(([zone, followed]) =>
      Array.from(followed, ([place, { secondary }]) => ({
        zone,
        by: 'transfer' as const,
        secondary: place,
        ...secondary.state(),
      })),
    )
  }

  stop(): void {
    for (const followed of this.#followed.values())
      for (const { secondary } of followed.values()) secondary.stop()
  }

  #follow(zone: string): ReadonlyMap<string, Followed> {
    const servers = this.#configuration === null ? [] : serversOf(this.#configuration, zone)
    const followed = this.#followed.get(zone) ?? new Map<string, Followed>()
    if (servers.length > 0) this.#followed.set(zone, followed)
    for (const server of servers) {
      const place = placeOf(server)
      if (followed.has(place)) continue
      const secondary = this.#options.make(zone, server)
      followed.set(place, { secondary, tsigKey: server.tsigKey })
      secondary.changed(new Map())
    }
    return followed
  }
}

export function placeOf({ address, port }: Pick<SecondaryServer, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function serversOf(configuration: Configuration, zone: string): readonly SecondaryServer[] {
  return configuration.zone.get(zone)?.transfers?.secondaries ?? []
}
