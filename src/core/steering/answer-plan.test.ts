import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyChanges, configurationOf } from '../model/configuration.ts'
import { loadBalancerSchema } from '../model/load-balancer.ts'
import { endpointSchema } from '../model/pool.ts'
import type { Resource } from '../model/resource.ts'
import type { StaticRecord } from '../model/zone.ts'
import { AnswerPlan } from './answer-plan.ts'
import { anyConfiguration, anyVerdicts, answersOf, lookup, POOLS, zoneOf, ZONES } from './testing/any-plan.ts'
import { plainView } from './steering-view.ts'

const UNKNOWN = plainView(() => undefined)

describe('AnswerPlan', () => {
  it('planning twice gives the same plan, and so does planning anew', () => {
    fc.assert(
      fc.property(anyConfiguration, anyVerdicts, (configuration, verdicts) => {
        const plan = new AnswerPlan(configuration)
        const look = lookup(configuration, verdicts)
        expect(plan.zones(look)).toEqual(plan.zones(look))
        expect(new AnswerPlan(configuration).zones(look)).toEqual(plan.zones(look))
      }),
    )
  })

  it('one balancer changed, added or removed changes no record of another name', () => {
    fc.assert(
      fc.property(anyConfiguration, anyVerdicts, fc.nat(7), (configuration, verdicts, at) => {
        const balancers = [...configuration.loadBalancer.values()]
        fc.pre(balancers.length > 0)
        const changed = balancers[at % balancers.length]!
        const policy = { kind: 'all', pools: [POOLS[at % POOLS.length]] }
        const another = loadBalancerSchema.parse({
          name: changed.name,
          zone: changed.zone,
          ttlSec: 77,
          policy,
        })
        const look = lookup(configuration, verdicts)
        const before = answersOf(new AnswerPlan(configuration), look)
        for (const change of [
          { op: 'put', kind: 'loadBalancer', key: changed.name, spec: another } as const,
          { op: 'delete', kind: 'loadBalancer', key: changed.name } as const,
        ]) {
          const after = answersOf(new AnswerPlan(applyChanges(configuration, [change])), look)
          for (const owner of new Set([...before.keys(), ...after.keys()]))
            if (owner !== changed.name) expect(after.get(owner)).toEqual(before.get(owner))
        }
      }),
    )
  })

  it('an owner is never empty, lies in its zone, and has at most one record set of a type', () => {
    fc.assert(
      fc.property(anyConfiguration, anyVerdicts, (configuration, verdicts) => {
        const plans = new AnswerPlan(configuration).zones(lookup(configuration, verdicts))
        expect([...plans.keys()]).toEqual(ZONES)
        for (const [zone, { owners }] of plans)
          for (const [owner, records] of owners) {
            expect(records.length).toBeGreaterThan(0)
            expect(owner === zone || owner.endsWith(`.${zone}`)).toBe(true)
            expect(new Set(records.map((record) => record.type)).size).toBe(records.length)
            for (const record of records) expect(record.name).toBe(owner)
          }
      }),
    )
  })

  it('the decisions hold the record sets that the plan publishes', () => {
    fc.assert(
      fc.property(anyConfiguration, anyVerdicts, (configuration, verdicts) => {
        const plan = new AnswerPlan(configuration)
        const look = lookup(configuration, verdicts)
        for (const balancer of configuration.loadBalancer.values()) {
          const decided = plan.decisions(balancer, look).map(({ record }) => record)
          expect(plan.policyRecords(balancer, look)).toEqual(decided.filter((record) => record !== null))
        }
      }),
    )
  })

  it("static data stands beside a balancer's answers, and the zone's NS at its apex", () => {
    const zone = zoneOf('example.test', [
      { name: 'www', type: 'MX', values: [{ preference: 10, exchange: 'mail.example.test' }] },
      { name: 'www', type: 'TXT', ttlSec: 60, values: ['b', 'a'] },
    ])
    const policy = { kind: 'all', pools: ['p1'] }
    const www = loadBalancerSchema.parse({ name: 'www.example.test', zone: 'example.test', policy })
    const spec = endpointSchema.parse({ name: 'a', address: '192.0.2.1', port: 80, site: 'ams' })
    const plan = new AnswerPlan(
      configurationOf([
        { kind: 'zone', key: zone.name, spec: zone },
        { kind: 'pool', key: 'p1', spec: { name: 'p1', monitors: [] } },
        { kind: 'endpoint', key: 'p1/a', spec },
        { kind: 'loadBalancer', key: www.name, spec: www },
      ]),
    )
    const owners = plan.zones(UNKNOWN).get('example.test')?.owners
    expect(owners?.get('example.test')).toEqual([
      {
        kind: 'plain',
        name: 'example.test',
        type: 'NS',
        ttlSec: 300,
        values: ['ns1.elsewhere.test', 'ns2.elsewhere.test'],
      },
    ])
    expect(owners?.get('www.example.test')).toMatchObject([
      { type: 'MX', ttlSec: 300, values: ['10 mail.example.test'] },
      { type: 'TXT', ttlSec: 60, values: ['"a"', '"b"'] },
      { type: 'A', ttlSec: 30, values: ['192.0.2.1'] },
    ])
  })
})

describe('the cost of a transition', () => {
  it('static records are looked at once for a zone, whatever the number of its balancers and revisions', () => {
    const given = zoneOf('example.test', [
      { name: 'h', type: 'A', values: ['192.0.2.1'] },
      { name: 'b1', type: 'TXT', values: ['beside'] },
    ])
    let reads = 0
    const records = given.records.map(
      (record) =>
        new Proxy(record, {
          get: (target, key) => {
            if (key === 'values') reads += 1
            return Reflect.get(target, key) as unknown
          },
        }),
    )
    const zone = { ...given, records }
    const policy = { kind: 'all', pools: ['p1'] }
    const balancers = Array.from({ length: 5 }, (_, index) =>
      loadBalancerSchema.parse({ name: `b${index}.example.test`, zone: zone.name, policy }),
    )
    const spec = endpointSchema.parse({ name: 'a', address: '192.0.2.1', port: 80, site: 'ams' })
    const revision = () =>
      new AnswerPlan(
        configurationOf([
          { kind: 'zone', key: zone.name, spec: zone },
          { kind: 'pool', key: 'p1', spec: { name: 'p1', monitors: [] } },
          { kind: 'endpoint', key: 'p1/a', spec },
          ...balancers.map((one): Resource => ({ kind: 'loadBalancer', key: one.name, spec: one })),
        ]),
      )
    for (const plan of [revision(), revision()]) {
      plan.zones(UNKNOWN)
      for (const balancer of balancers) {
        const types = plan.ownerRecords(balancer, UNKNOWN).map((record) => record.type)
        expect(types).toEqual(balancer.name === 'b1.example.test' ? ['TXT', 'A'] : ['A'])
      }
    }
    expect(reads).toBe(2)
  })
})

describe('presentation format', () => {
  const values = (record: unknown) => {
    const zone = zoneOf('example.test', [record])
    const plan = new AnswerPlan(configurationOf([{ kind: 'zone', key: zone.name, spec: zone }]))
    const { name } = zone.records[0] as StaticRecord
    const records = plan.zones(UNKNOWN).get('example.test')?.owners.get(`${name}.example.test`)
    return records?.[0]?.kind === 'plain' ? [...records[0].values] : []
  }

  it('each type as RFC 1035, 2782 and 8659 write it', () => {
    const srv = { priority: 1, weight: 2, port: 443, target: 'a.example.test' }
    expect(values({ name: '_s._tcp', type: 'SRV', values: [srv] })).toEqual(['1 2 443 a.example.test'])
    expect(values({ name: 'c', type: 'CNAME', values: ['Bücher.example.'] })).toEqual([
      'xn--bcher-kva.example',
    ])
    const caa = { tag: 'issue', value: 'ca.test; a="b\\c"' }
    expect(values({ name: 'c', type: 'CAA', values: [caa] })).toEqual(['0 issue "ca.test; a=\\"b\\\\c\\""'])
    expect(values({ name: 'a', type: 'A', values: ['192.0.2.9', '192.0.2.1'] })).toEqual([
      '192.0.2.1',
      '192.0.2.9',
    ])
  })

  it('a text comes back from its character strings, each at most 255 long, whatever it holds (RFC 1035 5.1)', () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    })
    const hostile = fc.constantFrom(
      '',
      '"',
      '\\',
      '\\"',
      '";',
      ' ',
      '\\000',
      'a'.repeat(255),
      '\\'.repeat(256),
      '"'.repeat(600),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          printable,
          fc.array(fc.oneof(hostile, printable)).map((all) => all.join('')),
        ),
        (text) => {
          const [written = ''] = values({ name: 't', type: 'TXT', values: [text] })
          const strings = readCharacterStrings(written)
          for (const one of strings) expect(one.length).toBeLessThanOrEqual(255)
          expect(strings.length).toBe(Math.max(1, Math.ceil(text.length / 255)))
          expect(strings.join('')).toBe(text)
        },
      ),
    )
  })
})

/** A reader of quoted character strings by the letter of RFC 1035 5.1: \\DDD is an octet, \\X is X. */
function readCharacterStrings(text: string): string[] {
  const strings: string[] = []
  const token = /"((?:[^"\\]|\\[0-9]{3}|\\[^0-9])*)"( |$)/gy
  let end = 0
  for (const match of text.matchAll(token)) {
    end = match.index + match[0].length
    strings.push(
      (match[1] ?? '').replaceAll(/\\([0-9]{3}|.)/g, (_, escaped: string) =>
        escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped,
      ),
    )
  }
  expect(end).toBe(text.length)
  return strings
}
