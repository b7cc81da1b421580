/** What the serving bench asks for: names of each kind, all with the same three addresses. */
import { locationDatabase, type Place } from '../src/adapters/geoip/testing/location-database.ts'
import { configurationOf, type Configuration } from '../src/core/model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../src/core/model/document.ts'

/** Of each kind. */
export const NAMES = 100
export const ADDRESSES = [
  { address: '192.0.2.1', weight: 50 },
  { address: '192.0.2.2', weight: 30 },
  { address: '192.0.2.3', weight: 20 },
] as const

/** Every other /8 is in Europe. */
export function places(): Uint8Array {
  const EU: Place = { continent: 'EU', country: 'NL' }
  const US: Place = { continent: 'NA', country: 'US' }
  return locationDatabase(
    Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`${index}.0.0.0/8`, index % 2 === 0 ? EU : US]),
    ),
  )
}

export function nameOf(kind: string, index: number, zone = 'serving.test'): string {
  return `${kind}${index}.${zone}`
}

export function servingConfiguration(): Configuration {
  const indexes = Array.from({ length: NAMES }, (_, index) => index)
  const endpoint = ({ address, weight }: (typeof ADDRESSES)[number]) => ({
    ...{ name: `e${address.split('.').at(-1) ?? ''}`, address, port: 80, site: 'here', weight },
  })
  const policies = {
    plain: { kind: 'all', pools: ['web'] },
    weighted: { kind: 'weighted', pools: ['web'] },
    sticky: { kind: 'sticky', pools: ['web'] },
    geo: { kind: 'all', rules: [{ when: { continents: ['EU'] }, pools: ['eu'] }], pools: ['us'] },
  }
  const document = documentSchema.parse({
    settings: { geoip: { enabled: true } },
    sites: [{ name: 'here' }],
    zones: [
      { name: 'serving.test', nameservers: ['ns.elsewhere.test'] },
      {
        name: 'static.test',
        nameservers: ['ns.elsewhere.test'],
        records: indexes.map((index) => ({
          ...{
            name: `static${index}`,
            type: 'A',
            ttlSec: 30,
            values: ADDRESSES.map(({ address }) => address),
          },
        })),
      },
    ],
    pools: [
      { name: 'web', endpoints: ADDRESSES.map(endpoint) },
      { name: 'eu', endpoints: [endpoint(ADDRESSES[0])] },
      { name: 'us', endpoints: [endpoint(ADDRESSES[1])] },
    ],
    loadBalancers: Object.entries(policies).flatMap(([kind, policy]) =>
      indexes.map((index) => ({ name: nameOf(kind, index), zone: 'serving.test', policy })),
    ),
  })
  return configurationOf(resourcesOfDocument(document))
}
