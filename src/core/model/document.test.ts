import { describe, expect, it } from 'vitest'
import { changeSetRequestSchema } from '../views/change-set.ts'
import { checkReferences } from './check-references.ts'
import { configurationOf } from './configuration.ts'
import {
  changesOfDocument,
  documentOf,
  documentSchema,
  pointersOfDocument,
  resourcesOfDocument,
} from './document.ts'
import { faultsOfZodError } from './zod-faults.ts'

const source = {
  sites: [{ name: 'fra' }, { name: 'ams', country: 'NL' }],
  zones: [{ name: 'Example.Test.', nameservers: ['ns.elsewhere.test'] }],
  monitors: [{ kind: 'http', name: 'alive' }],
  pools: [
    {
      name: 'web',
      monitors: ['alive'],
      endpoints: [
        { name: 'b', address: '2001:DB8::1', port: 80, site: 'fra' },
        { name: 'a', address: '192.0.2.1', port: 80, site: 'ams' },
      ],
    },
    { name: 'spare' },
  ],
  loadBalancers: [
    { name: 'www.example.test', zone: 'example.test', policy: { kind: 'all', pools: ['web'] } },
  ],
}

describe('a document', () => {
  const document = documentSchema.parse(source)

  it('comes back from the configuration that it makes, in order of name', () => {
    const configuration = configurationOf(resourcesOfDocument(document))
    expect(checkReferences(configuration)).toEqual([])
    const again = documentOf(configuration)
    expect(again.sites.map((site) => site.name)).toEqual(['ams', 'fra'])
    expect(again.pools.map((pool) => pool.endpoints.map((endpoint) => endpoint.address))).toEqual([
      [],
      ['192.0.2.1', '2001:db8::1'],
    ])
    expect(documentOf(configurationOf(resourcesOfDocument(documentSchema.parse(again))))).toEqual(again)
  })

  it('becomes changes that the API takes, each with its place', () => {
    const changes = changesOfDocument(document)
    expect(changeSetRequestSchema.safeParse({ changes }).success).toBe(true)
    const pointers = pointersOfDocument(document)
    expect(pointers).toHaveLength(changes.length)
    expect(pointers[changes.findIndex((change) => change.kind === 'loadBalancer')]).toBe('/loadBalancers/0')
  })

  it('refuses a name that stands twice, whatever its spelling', () => {
    const twice = documentSchema.safeParse({
      zones: [source.zones[0], { ...source.zones[0], name: 'example.test' }],
      pools: [{ name: 'p', endpoints: [source.pools[0]?.endpoints?.[0], source.pools[0]?.endpoints?.[0]] }],
    })
    expect(twice.success ? [] : faultsOfZodError(twice.error)).toEqual([
      { pointer: '/zones/1/name', message: "a second zone 'example.test': the first is /zones/0" },
      {
        pointer: '/pools/0/endpoints/1/name',
        message: "a second endpoint 'b': the first is /pools/0/endpoints/0",
      },
    ])
  })

  it('may be empty', () => {
    expect(changesOfDocument(documentSchema.parse({}))).toEqual([])
  })
})
