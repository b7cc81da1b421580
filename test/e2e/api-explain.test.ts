/** What `explain` says is what the real PowerDNS answers: names, types, wildcards, aliases, delegations, refusals. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configurationOf } from '../../src/core/model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../../src/core/model/document.ts'
import { AnswerPlan } from '../../src/core/steering/answer-plan.ts'
import { explain } from '../../src/core/steering/explain.ts'
import { plainView } from '../../src/core/steering/steering-view.ts'
import { makeRig, until, type Rig } from './powerdns-rig.ts'

const endpoint = (name: string, address: string) => ({ name, address, port: 80, site: 'ams' })
const all = (name: string, more: object = {}) => ({
  name,
  zone: 'example.test',
  policy: { kind: 'all', pools: ['web'] },
  ...more,
})
const document = documentSchema.parse({
  sites: [{ name: 'ams' }],
  zones: [
    {
      name: 'example.test',
      nameservers: ['ns1.example.test'],
      records: [
        { name: 'ns1', type: 'A', values: ['192.0.2.53'] },
        { name: '@', type: 'MX', values: [{ preference: 10, exchange: 'mail.example.test' }] },
        { name: 'alias', type: 'CNAME', values: ['www.example.test'] },
        { name: 'alias2', type: 'CNAME', values: ['alias.example.test'] },
        { name: 'away', type: 'CNAME', values: ['www.elsewhere.test'] },
        { name: 'across', type: 'CNAME', values: ['www.inner.example.test'] },
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
    {
      name: 'inner.example.test',
      nameservers: ['ns1.example.test'],
      records: [{ name: 'www', type: 'A', values: ['192.0.2.60'] }],
    },
  ],
  pools: [
    {
      name: 'web',
      endpoints: [endpoint('a', '192.0.2.1'), endpoint('b', '192.0.2.2'), endpoint('six', '2001:db8::1')],
    },
    { name: 'off', endpoints: [{ ...endpoint('c', '192.0.2.3'), enabled: false }] },
    { name: 'none' },
  ],
  loadBalancers: [
    all('www.example.test'),
    all('*.apps.example.test'),
    all('example.test'),
    all('split.example.test', { policy: { kind: 'weighted', pools: ['web'] } }),
    all('refused.example.test', { policy: { kind: 'all', pools: ['off'] }, whenDown: { kind: 'refuse' } }),
    all('empty.example.test', { policy: { kind: 'all', pools: ['none'] } }),
  ],
})
const configuration = configurationOf(resourcesOfDocument(document))
const NAMES = [
  ...[
    'example.test',
    'www',
    'text.www',
    'no.www',
    'split',
    'refused',
    'empty',
    'below.empty',
    'ns1',
    'nothing',
    'a.b.c',
  ],
  ...['alias', 'alias2', 'away', 'across', 'dangling', 'to-refused', 'loop', 'sub', 'ns.sub', 'deep.sub'],
  ...['wild', 'x.wild', 'x.y.wild', 'b.wild', 'a.b.wild', 'x.b.wild', 'apps', 'x.apps', 'x.y.apps', '*.apps'],
  ...['inner', 'www.inner', 'no.inner'],
].map((name) => (name === 'example.test' ? name : `${name}.example.test`))
const TYPES = ['A', 'AAAA', 'CNAME', 'NS', 'TXT', 'MX'] as const

let rig: Rig
beforeAll(async () => {
  rig = await makeRig()
  await rig.nameserver.start()
  rig.configure(resourcesOfDocument(document))
  rig.say()
  await until('first answer', async () => (await rig.values('www.example.test')).length === 2, 20_000)
})
afterAll(() => rig.destroy())

it.each([...NAMES, 'www.other.test'])('%s', async (name) => {
  const plan = new AnswerPlan(configuration)
  for (const type of TYPES) {
    const explained = explain(
      { name, type, client: null },
      {
        configuration,
        revision: 1,
        plan,
        atMs: null,
        notKept: [],
        locate: () => null,
        view: plainView(() => undefined),
        verdict: () => undefined,
        probes: () => [],
        sinceMs: () => null,
        published: () => null,
      },
    )
    const { answer, kind } = explained
    const real = await rig.client.ask(name, type)
    const question = `${name} ${type} (${kind}): ${explained.steps.join('; ')}`
    if (real.kind !== 'answer') throw new Error(`${question}: ${real.detail}`)
    expect(real.rcode, question).toBe(answer.rcode)
    const values = kind === 'cname' ? answer.values.filter((value) => isOfType(value, type)) : answer.values
    if (answer.kind === 'weighted') expect(values, question).toContain(real.values[0])
    else expect(real.values, question).toEqual(values.toSorted())
  }
})

/** Of an alias's answer, what it leads to: the aliases themselves are names. */
function isOfType(value: string, type: string): boolean {
  if (type === 'A') return /^[\d.]+$/.test(value)
  if (type === 'AAAA') return value.includes(':')
  return type === 'TXT' ? value.startsWith('"') : type === 'MX' && value.includes(' ')
}
