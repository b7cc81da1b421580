/** What `explain` says for a client: the rule, the place, the prefix; and what operators did, beside the verdict. */
import { describe, expect, it } from 'vitest'
import { UNDECIDED } from '../health/verdict.ts'
import { checkReferences } from '../model/check-references.ts'
import { configurationOf } from '../model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../model/document.ts'
import { explanationSchema, type Explanation } from '../views/explanation.ts'
import { AnswerPlan } from './answer-plan.ts'
import type { ClientLocation } from './evaluate.ts'
import { explain, type ExplainedQuestion } from './explain.ts'
import { plainView } from './steering-view.ts'

const NOW_MS = 1_000_000
const endpoint = (name: string, address: string, more: object = {}) => ({
  ...{ name, address, port: 80, site: 'ams' },
  ...more,
})
const balancer = (name: string, policy: object, more: object = {}) => ({
  ...{ name: `${name}.example.test`, zone: 'example.test', policy },
  ...more,
})
const geo = {
  rules: [
    { when: { continents: ['NA'] }, pools: ['dead'] },
    { when: { continents: ['NA', 'EU'] }, pools: ['eu'] },
    { when: { clientMap: { map: 'offices', entries: ['ams'] } }, pools: ['cdn4'] },
  ],
}
const configuration = configurationOf(
  resourcesOfDocument(
    documentSchema.parse({
      settings: { geoip: { enabled: true } },
      sites: [
        { name: 'ams', coordinates: { latitude: 52, longitude: 5 } },
        { name: 'nyc', coordinates: { latitude: 41, longitude: -74 } },
      ],
      monitors: [{ kind: 'tcp', name: 'm' }],
      zones: [{ name: 'example.test', nameservers: ['ns.elsewhere.test'] }],
      clientMaps: [{ name: 'offices', entries: [{ name: 'ams', prefixes: ['203.0.113.0/24'] }] }],
      pools: [
        {
          name: 'eu',
          endpoints: [
            endpoint('a', '192.0.2.1', { weight: 3 }),
            endpoint('b', '192.0.2.2'),
            endpoint('c', '192.0.2.3', { site: 'nyc' }),
          ],
        },
        { name: 'dead', monitors: ['m'], endpoints: [endpoint('d', '192.0.2.4')] },
        { name: 'cdn4', endpoints: [endpoint('e', '192.0.2.5')] },
        { name: 'hosts', endpoints: [endpoint('x', 'x.cdn.test'), endpoint('y', 'y.cdn.test')] },
        { name: 'host', endpoints: [endpoint('x', 'weighted.example.test')] },
      ],
      loadBalancers: [
        balancer('rules', { kind: 'all', pools: ['cdn4'], ...geo }),
        balancer('weighted', { kind: 'weighted', pools: ['eu'] }),
        balancer('sticky', { kind: 'sticky', pools: ['eu'] }),
        balancer('nearest', { kind: 'nearest', pools: ['eu'] }),
        balancer('hosts', { kind: 'weighted', pools: ['hosts'] }),
        balancer('host', { kind: 'all', pools: ['host'] }),
        balancer('bound', { kind: 'all', pools: ['cdn4'] }, { serviceBinding: { alpn: ['h2'] } }),
        balancer(
          'sorry',
          { kind: 'all', pools: ['dead'] },
          { whenDown: { kind: 'cname', target: 's.elsewhere.test' } },
        ),
      ],
      overrides: [
        { name: 'eu/b', state: 'forced-down', reason: 'slow disk', author: 'ann', expiresAtMs: NOW_MS + 1 },
      ],
      drains: [{ name: 'endpoint/eu/a', startAtMs: NOW_MS - 400, drainSec: 1, reason: 'new kernel' }],
    }),
  ),
)

const PLACES: Readonly<Record<string, ClientLocation>> = {
  '198.51.100.7': { continent: 'EU', country: 'NL', latitude: 52.1, longitude: 5.1 },
  '198.51.100.9': { continent: 'NA', country: 'US', latitude: 40, longitude: -75 },
}

function ask(
  name: string,
  client: string | null,
  { type = 'A', nowMs = NOW_MS }: { type?: ExplainedQuestion['type']; nowMs?: number } = {},
): Explanation {
  const down = { ...UNDECIDED, state: 'down', lastUp: 1, quorum: { down: 1, up: 1 }, votes: [] } as const
  const verdict = (key: string) => (key === 'dead/d' ? down : undefined)
  return explanationSchema.parse(
    explain(
      { name: `${name}.example.test`, type, client },
      {
        configuration,
        revision: 1,
        atMs: null,
        notKept: [],
        plan: new AnswerPlan(configuration),
        view: plainView(verdict, nowMs),
        verdict,
        locate: (address) => PLACES[address] ?? null,
        probes: () => [],
        sinceMs: () => null,
        published: () => null,
      },
    ),
  )
}

it('the configuration of these tests is valid', () => {
  expect(checkReferences(configuration)).toEqual([])
})

describe('rules', () => {
  it('the first one about the client that has something eligible, with those passed over before it', () => {
    const american = ask('rules', '198.51.100.9')
    expect(american.location).toEqual(PLACES['198.51.100.9'])
    expect(american.answer).toMatchObject({ kind: 'plain', values: ['192.0.2.1', '192.0.2.3'] })
    expect(american.routes).toMatchObject([
      { route: 1, clients: 'clients in NA', rule: 'passed-over', isAboutClient: true, isChosen: false },
      { route: 2, clients: 'clients in NA, EU', rule: 'policy', eligible: ['eu/a', 'eu/c'], isChosen: true },
      { route: 3, isAboutClient: false, isChosen: false },
      { route: 0, clients: 'all others', isChosen: false },
    ])
    expect(american.steps).toContain('rule 2 is the first one about the client 198.51.100.9')
  })

  it('a client map knows clients without a database, and for others the policy decides', () => {
    expect(ask('rules', '203.0.113.77').routes[2]).toMatchObject({ isChosen: true })
    const nobody = ask('rules', '2001:db8::1')
    expect(nobody.location).toBeNull()
    expect(nobody.answer.values).toEqual(['192.0.2.5'])
    expect(nobody.routes.at(-1)).toMatchObject({ route: 0, isChosen: true })
    expect(nobody.steps).toContain('no rule is about the client 2001:db8::1')
  })

  it('without a client: everything that anybody is answered with', () => {
    const { answer, routes } = ask('rules', null)
    expect(answer).toMatchObject({ kind: 'by-client', values: ['192.0.2.1', '192.0.2.3', '192.0.2.5'] })
    expect(answer.shares).toBeUndefined()
    expect(routes.some(({ isChosen }) => isChosen)).toBe(false)
  })
})

describe('methods', () => {
  it('weighted: the share of each, less for one that is draining', () => {
    // a has 3 of its weight, of which 6 tenths are left; b is forced down.
    expect(ask('weighted', null).answer).toMatchObject({
      kind: 'weighted',
      values: ['192.0.2.1', '192.0.2.3'],
      weights: [18, 10],
      shares: [0.6429, 0.3571],
      ttlSec: 5,
    })
  })

  it('sticky: the same for the whole prefix of a client, and the shares of all without one', () => {
    const one = ask('sticky', '198.51.100.7').answer
    expect(one).toMatchObject({ kind: 'sticky', shares: [1] })
    expect(one.values).toHaveLength(1)
    expect(ask('sticky', '198.51.100.200').answer).toEqual(one)
    expect(ask('sticky', '198.51.100.7').steps.at(-1)).toBe(
      `the clients in 198.51.100.0/24 get ${one.values.join()}`,
    )
    expect(ask('sticky', null).answer).toMatchObject({ kind: 'sticky', shares: [0.6429, 0.3571] })
  })

  it('nearest: by where the client is; where nobody knows that all are equally near', () => {
    expect(ask('nearest', '198.51.100.7').answer).toMatchObject({
      kind: 'nearest',
      values: ['192.0.2.1'],
      shares: [1],
    })
    expect(ask('nearest', '198.51.100.9').answer.values).toEqual(['192.0.2.3'])
    const lost = ask('nearest', '203.0.113.1')
    expect(lost.answer).toMatchObject({ values: ['192.0.2.1', '192.0.2.3'], shares: [0.5, 0.5] })
    expect(lost.steps.at(-1)).toContain('nobody knows where the client is')
  })
})

describe('names instead of addresses', () => {
  it('one target is followed, of several one is drawn', () => {
    const host = ask('host', null)
    expect(host).toMatchObject({ kind: 'cname', loadBalancer: 'weighted.example.test' })
    expect(host.answer.values).toEqual(['weighted.example.test', '192.0.2.1', '192.0.2.3'])
    expect(ask('hosts', null)).toMatchObject({
      kind: 'cname',
      loadBalancer: 'hosts.example.test',
      answer: { kind: 'weighted', values: ['x.cdn.test', 'y.cdn.test'], shares: [0.5, 0.5] },
    })
    expect(ask('hosts', null, { type: 'CNAME' })).toMatchObject({
      kind: 'load-balancer',
      answer: { kind: 'weighted' },
    })
    expect(ask('hosts', null, { type: 'MX' }).kind).toBe('cname')
    expect(ask('sorry', '198.51.100.7')).toMatchObject({
      kind: 'cname',
      loadBalancer: 'sorry.example.test',
      rule: 'when-down',
      answer: { values: ['s.elsewhere.test'], ttlSec: 15 },
    })
  })

  it('a service binding is explained by its addresses', () => {
    const { answer, steps } = ask('bound', null, { type: 'HTTPS' })
    expect(answer.values).toEqual(['1 . alpn=h2 ipv4hint=192.0.2.5'])
    expect(steps[0]).toBe('a HTTPS record beside the addresses, with one address as ipv4hint')
  })
})

describe('what operators did', () => {
  const of = (name: string, nowMs = NOW_MS) =>
    ask('weighted', null, { nowMs }).endpoints.find((one) => one.endpoint === name)

  it('stands beside the verdict, as long as it is in force', () => {
    expect(of('b')).toMatchObject({
      eligible: false,
      reason: 'forced-down',
      override: { state: 'forced-down', reason: 'slow disk', author: 'ann' },
    })
    expect(of('b', NOW_MS + 1)).toMatchObject({ eligible: true, reason: 'unmonitored', override: null })
    expect(of('a')).toMatchObject({
      reason: 'draining',
      weightShare: 0.6,
      drain: { name: 'endpoint/eu/a', phase: 'draining', reason: 'new kernel' },
    })
    expect(of('a', NOW_MS + 600)).toMatchObject({ reason: 'drained', eligible: false, answered: false })
    expect(of('c')).toMatchObject({ override: null, drain: null, weightShare: 1 })
  })
})
