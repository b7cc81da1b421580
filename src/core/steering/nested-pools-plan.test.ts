/** A load balancer over a pool of pools: whose endpoints answer, by whose monitors they are judged, whom a change touches. */
import { describe, expect, it } from 'vitest'
import { valuesOf } from '../dns/record-set.ts'
import { configurationOf } from '../model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../model/document.ts'
import { AnswerPlan } from './answer-plan.ts'
import { Reader } from './state/testing/steering-world.ts'
import { plainView } from './steering-view.ts'

const endpoint = (name: string, last: number) => ({ name, address: `192.0.2.${last}`, port: 80, site: 'ams' })
const over = (name: string, pool: string) => ({
  ...{ name: `${name}.example.test`, zone: 'example.test', policy: { kind: 'all', pools: [pool] } },
})
const CONFIGURATION = configurationOf(
  resourcesOfDocument(
    documentSchema.parse({
      sites: [{ name: 'ams' }],
      monitors: [{ kind: 'tcp', name: 'tcp' }],
      zones: [{ name: 'example.test', nameservers: ['ns.elsewhere.test'] }],
      pools: [
        { name: 'rack1', monitors: ['tcp'], endpoints: [endpoint('a', 1), endpoint('b', 2)] },
        // Without a monitor: always eligible, whatever anybody says of it.
        { name: 'rack2', endpoints: [endpoint('c', 3)] },
        { name: 'ams', pools: ['rack1', 'rack2'] },
        { name: 'europe', pools: ['ams', 'rack1'], monitors: ['tcp'], endpoints: [endpoint('d', 4)] },
      ],
      loadBalancers: [over('ams', 'ams'), over('europe', 'europe'), over('rack2', 'rack2')],
    }),
  ),
)

function answers(...down: string[]): Record<string, readonly string[]> {
  const plan = new AnswerPlan(CONFIGURATION)
  const view = plainView((key) => ({
    ...{ state: down.includes(key) ? 'down' : 'up', degraded: false, lastUp: 0 },
  }))
  return Object.fromEntries(
    Array.from(CONFIGURATION.loadBalancer.values(), (balancer) => [
      balancer.name.split('.')[0] ?? '',
      plan.policyRecords(balancer, view).flatMap((record) => [...valuesOf(record)]),
    ]),
  )
}

describe('a pool of pools', () => {
  it('answers with its own endpoints and those of all pools inside it, each once', () => {
    expect(answers()).toEqual({
      ams: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
      europe: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'],
      rack2: ['192.0.2.3'],
    })
  })

  it('each endpoint is judged by the monitors of the pool that it stands in', () => {
    expect(answers('rack1/a', 'rack2/c', 'europe/d')).toEqual({
      ams: ['192.0.2.2', '192.0.2.3'],
      europe: ['192.0.2.2', '192.0.2.3'],
      rack2: ['192.0.2.3'],
    })
  })

  it('a change inside touches every load balancer above, and no other', () => {
    const reader = new Reader()
    reader.define(CONFIGURATION)
    const touched = (key: string) =>
      Array.from(reader.become({ [key]: 'up' }).balancers, (name) => name.split('.')[0])
    expect(touched('rack1/a').sort()).toEqual(['ams', 'europe'])
    expect(touched('rack2/c').sort()).toEqual(['ams', 'europe', 'rack2'])
    expect(touched('europe/d')).toEqual(['europe'])
  })
})
