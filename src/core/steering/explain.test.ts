import { describe, expect, it } from 'vitest'
import type { Verdict } from '../health/verdict.ts'
import { UNDECIDED } from '../health/verdict.ts'
import { checkReferences } from '../model/check-references.ts'
import { configurationOf } from '../model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../model/document.ts'
import { explanationSchema } from '../views/explanation.ts'
import { AnswerPlan } from './answer-plan.ts'
import { explain, type ExplainedQuestion } from './explain.ts'
import { plainView } from './steering-view.ts'

const endpoint = (name: string, address: string) => ({ name, address, port: 80, site: 'ams' })
const all = (name: string, more: object = {}) => ({
  name,
  zone: 'example.test',
  policy: { kind: 'all', pools: ['web'] },
  ...more,
})
const document = documentSchema.parse({
  sites: [{ name: 'ams' }],
  monitors: [{ kind: 'tcp', name: 'm' }],
  zones: [
    {
      name: 'example.test',
      nameservers: ['ns1.example.test'],
      records: [
        { name: 'ns1', type: 'A', values: ['192.0.2.53'] },
        { name: '@', type: 'MX', values: [{ preference: 10, exchange: 'mail.example.test' }] },
        { name: 'alias', type: 'CNAME', values: ['www.example.test'] },
        { name: 'away', type: 'CNAME', values: ['www.elsewhere.test'] },
        { name: 'dangling', type: 'CNAME', values: ['gone.example.test'] },
        { name: 'to-refused', type: 'CNAME', values: ['refused.example.test'] },
        { name: 'loop', type: 'CNAME', values: ['loop2.example.test'] },
        { name: 'loop2', type: 'CNAME', values: ['loop.example.test'] },
        { name: 'sub', type: 'NS', values: ['ns.sub.example.test'] },
        { name: 'ns.sub', type: 'A', values: ['192.0.2.54'] },
        { name: '*.wild', type: 'TXT', values: ['any'] },
        { name: 'a.b.wild', type: 'TXT', values: ['this'] },
        { name: 'text.www', type: 'TXT', values: ['below a balancer'] },
      ],
    },
    { name: 'inner.example.test', nameservers: ['ns1.example.test'] },
  ],
  pools: [
    { name: 'web', endpoints: [endpoint('a', '192.0.2.1'), endpoint('b', '192.0.2.2')] },
    { name: 'sick', monitors: ['m'], endpoints: [endpoint('c', '192.0.2.3')] },
    { name: 'none' },
  ],
  loadBalancers: [
    all('www.example.test'),
    all('*.apps.example.test'),
    all('split.example.test', { policy: { kind: 'weighted', pools: ['web'] } }),
    all('refused.example.test', { policy: { kind: 'all', pools: ['sick'] }, whenDown: { kind: 'refuse' } }),
    all('empty.example.test', { policy: { kind: 'all', pools: ['none'] } }),
  ],
})
const configuration = configurationOf(resourcesOfDocument(document))
const down: Verdict = {
  ...{ ...UNDECIDED, quorum: { down: 1, up: 1 }, votes: [] },
  state: 'down',
  rule: 'quorum-down',
  lastUp: 1,
}

function ask(name: string, type: ExplainedQuestion['type'] = 'A', client: string | null = null) {
  const explanation = explain(
    { name, type, client },
    {
      configuration,
      revision: 7,
      plan: new AnswerPlan(configuration),
      atMs: null,
      notKept: [],
      locate: () => null,
      view: plainView((key) => (key === 'sick/c' ? down : undefined)),
      verdict: (key) => (key === 'sick/c' ? down : undefined),
      probes: (key) =>
        key === 'sick/c'
          ? [
              {
                checker: 'c1',
                monitor: 'm',
                outcome: 'failure',
                detail: 'refused',
                phases: { totalMs: 1 },
                atMs: 5,
              },
            ]
          : [],
      sinceMs: () => 3,
      published: (owner) =>
        owner === 'www.example.test' ? { serial: 1, values: [], writtenAtMs: 1, readBackAtMs: null } : null,
    },
  )
  return explanationSchema.parse(explanation)
}

const both = ['192.0.2.1', '192.0.2.2']

it('the configuration of these tests is valid', () => {
  expect(checkReferences(configuration)).toEqual([])
})

describe('explain', () => {
  it.each([
    ['www.example.test', 'A', 'load-balancer', 'NOERROR', both],
    ['www.example.test', 'AAAA', 'nodata', 'NOERROR', []],
    ['www.example.test', 'TXT', 'nodata', 'NOERROR', []],
    ['text.www.example.test', 'TXT', 'static', 'NOERROR', ['"below a balancer"']],
    ['x.apps.example.test', 'A', 'load-balancer', 'NOERROR', both],
    ['x.y.apps.example.test', 'A', 'load-balancer', 'NOERROR', both],
    ['apps.example.test', 'A', 'nodata', 'NOERROR', []],
    ['refused.example.test', 'A', 'load-balancer', 'SERVFAIL', []],
    ['empty.example.test', 'A', 'nxdomain', 'NXDOMAIN', []],
    ['example.test', 'NS', 'static', 'NOERROR', ['ns1.example.test']],
    ['example.test', 'MX', 'static', 'NOERROR', ['10 mail.example.test']],
    ['example.test', 'A', 'nodata', 'NOERROR', []],
    ['nothing.example.test', 'A', 'nxdomain', 'NXDOMAIN', []],
    ['alias.example.test', 'A', 'cname', 'NOERROR', ['www.example.test', ...both]],
    ['alias.example.test', 'CNAME', 'static', 'NOERROR', ['www.example.test']],
    ['away.example.test', 'A', 'cname', 'NOERROR', ['www.elsewhere.test']],
    ['dangling.example.test', 'A', 'cname', 'NXDOMAIN', ['gone.example.test']],
    ['to-refused.example.test', 'A', 'cname', 'SERVFAIL', []],
    ['loop.example.test', 'A', 'cname', 'SERVFAIL', []],
    ['sub.example.test', 'A', 'delegation', 'NOERROR', []],
    ['sub.example.test', 'NS', 'delegation', 'NOERROR', []],
    ['ns.sub.example.test', 'A', 'delegation', 'NOERROR', []],
    ['x.wild.example.test', 'TXT', 'static', 'NOERROR', ['"any"']],
    ['x.wild.example.test', 'A', 'nodata', 'NOERROR', []],
    ['wild.example.test', 'TXT', 'nodata', 'NOERROR', []],
    // RFC 4592 4.4: an existing name, even an empty one, keeps the wildcard above it from matching below it.
    ['x.b.wild.example.test', 'TXT', 'nxdomain', 'NXDOMAIN', []],
    ['b.wild.example.test', 'TXT', 'nodata', 'NOERROR', []],
    ['www.inner.example.test', 'A', 'nxdomain', 'NXDOMAIN', []],
    ['www.other.test', 'A', 'not-served', 'REFUSED', []],
  ] as const)('%s %s: %s, %s', (...[name, type, kind, rcode, values]) => {
    const explanation = ask(name, type)
    expect(explanation).toMatchObject({ kind, answer: { rcode, values } })
    expect(explanation.steps.length).toBeGreaterThan(0)
  })

  it('gives weights, the closest zone, the wildcard that answers', () => {
    expect(ask('split.example.test').answer).toMatchObject({
      kind: 'weighted',
      values: both,
      weights: [1, 1],
    })
    expect(ask('www.inner.example.test').zone).toBe('inner.example.test')
    expect(ask('x.apps.example.test').steps[0]).toContain("the wildcard '*.apps.example.test'")
    expect(ask('www.example.test', 'A', '198.51.100.7').steps.at(-1)).toContain('198.51.100.7')
  })

  it('shows endpoints with verdict and probes, and what was published', () => {
    expect(ask('refused.example.test')).toMatchObject({
      rule: 'when-down',
      loadBalancer: 'refused.example.test',
      endpoints: [
        {
          endpoint: 'c',
          eligible: false,
          reason: 'down',
          verdict: { rule: 'quorum-down', sinceMs: 3 },
          probes: [{ checker: 'c1', detail: 'refused' }],
        },
      ],
    })
    expect(ask('www.example.test').publication).toMatchObject({ serial: 1 })
    expect(ask('alias.example.test')).toMatchObject({
      loadBalancer: 'www.example.test',
      publication: { serial: 1 },
    })
  })

  it('agrees with the plan on every name that it publishes', () => {
    const plan = new AnswerPlan(configuration)
    const verdict = () => undefined
    const view = plainView(verdict)
    for (const { owners } of plan.zones(view).values())
      for (const [name, records] of owners)
        for (const record of records) {
          if (record.kind !== 'plain' || name.includes('sub.')) continue
          const { answer, kind } = explain(
            { name, type: record.type, client: null },
            {
              configuration,
              revision: 1,
              plan,
              atMs: null,
              notKept: [],
              locate: () => null,
              view,
              verdict,
              probes: () => [],
              sinceMs: () => null,
              published: () => null,
            },
          )
          expect({ name, kind, values: answer.values }).toEqual({
            name,
            kind: configuration.loadBalancer.has(name) && record.type === 'A' ? 'load-balancer' : 'static',
            values: record.values,
          })
        }
  })
})
