/** Every kind of record on the real PowerDNS: what the model allows is what a client gets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { balancer, makeRig, monitor, pool, until, zone, type Rig } from './powerdns-rig.ts'

let rig: Rig
const long = 'x'.repeat(700)
const hostile = 'a"b\\c;d # \' ~ \\" end'
const records = [
  {
    name: 'mixed',
    type: 'MX',
    values: [
      { preference: 10, exchange: 'mx1.example.net' },
      { preference: 0, exchange: 'mx2.example.net' },
    ],
  },
  { name: 'mixed', type: 'TXT', values: ['beside', hostile] },
  {
    name: '_sip._tcp',
    type: 'SRV',
    values: [{ priority: 1, weight: 2, port: 5060, target: 'sip.example.net' }],
  },
  { name: 'txt', type: 'TXT', values: [long, hostile, ''] },
  {
    name: 'caa',
    type: 'CAA',
    values: [
      { flags: 0, tag: 'issue', value: 'ca.example.net; account="1\\2"' },
      { flags: 128, tag: 'iodef', value: `mailto:${'m'.repeat(300)}@example.net` },
    ],
  },
  { name: 'alias', type: 'CNAME', values: ['mixed.example.test'] },
  { name: 'plain', type: 'A', values: ['192.0.2.80', '192.0.2.81'], ttlSec: 5 },
  { name: 'plain', type: 'AAAA', values: ['2001:DB8:0:0::1'] },
  { name: '*.wild', type: 'TXT', values: ['wild'] },
  { name: 'sub', type: 'NS', values: ['ns.sub.example.test'] },
  { name: 'ns.sub', type: 'A', values: ['192.0.2.77'] },
  { name: 'deep.below.nothing', type: 'A', values: ['192.0.2.78'] },
]

beforeAll(async () => {
  rig = await makeRig()
  await rig.nameserver.start()
  const weighted = { kind: 'weighted', pools: ['web'] }
  rig.configure([
    zone('example.test', { records, soa: { contact: 'dns.example.net', negativeTtlSec: 11 } }),
    monitor(),
    ...pool('web', { a: '192.0.2.1*3', b: '192.0.2.2*1', s: '2001:db8::1', t: '2001:db8::2*7' }),
    ...pool(
      'big',
      Object.fromEntries(
        Array.from({ length: 1_500 }, (_, n) => [`e${n}`, `10.0.${n >> 8}.${n & 255}*${n + 1}`]),
      ),
    ),
    balancer('mixed.example.test', weighted),
    balancer('big.example.test', { kind: 'weighted', pools: ['big'] }),
    balancer('many.example.test', { kind: 'all', pools: ['big'], maxAnswers: 60 }),
    balancer('*.wild.example.test', weighted),
  ])
  const keys = [...rig.feed.current()!.configuration.endpoint.keys()]
  rig.say(Object.fromEntries(keys.map((key) => [key, 'up' as const])))
  await until('everything is read back', () => rig.recorder.publications()[0])
})
afterAll(() => rig.destroy())

describe('records on the real server', () => {
  it('reads back every record that was written, without an alarm', () => {
    expect(rig.recorder.alarms()).toEqual([])
    const [publication] = rig.recorder.publications()
    expect(publication?.readBackMs).not.toBeNull()
    expect(publication?.owners).toHaveLength(13)
    const unseen = rig.recorder.answers
      .filter((answer) => answer.readBackAtMs !== null)
      .map(({ name }) => name)
    expect(new Set(unseen)).toEqual(
      new Set(
        ['mixed', 'big', 'many', '*.wild', 'plain', 'alias', 'ns.sub', 'deep.below.nothing'].map(
          (name) => `${name}.example.test`,
        ),
      ),
    )
  })

  it('keeps MX, TXT, SRV, CAA and CNAME as they were given', async () => {
    expect(await rig.values('mixed.example.test', 'MX')).toEqual(['0 mx2.example.net', '10 mx1.example.net'])
    expect(await rig.values('_sip._tcp.example.test', 'SRV')).toEqual(['1 2 5060 sip.example.net'])
    const quoted = `"${hostile.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
    const parts = [long.slice(0, 255), long.slice(255, 510), long.slice(510)].map((part) => `"${part}"`)
    expect(await rig.values('txt.example.test', 'TXT')).toEqual([`""`, quoted, parts.join(' ')].sort())
    expect(await rig.values('caa.example.test', 'CAA')).toEqual([
      '0 issue "ca.example.net; account=\\"1\\\\2\\""',
      `128 iodef "mailto:${'m'.repeat(300)}@example.net"`,
    ])
    expect(await rig.values('alias.example.test', 'CNAME')).toEqual(['mixed.example.test'])
    expect(await rig.values('plain.example.test', 'A')).toEqual(['192.0.2.80', '192.0.2.81'])
    expect(await rig.values('plain.example.test', 'AAAA')).toEqual(['2001:db8::1'])
    expect(await rig.values('example.test', 'NS')).toEqual(['ns1.example.net'])
    expect((await rig.values('example.test', 'SOA'))[0]).toMatch(
      /^ns1\.example\.net dns\.example\.net \d+ 3600 600 1209600 11$/,
    )
  })

  it('answers LUA beside static records, for IPv6, under a wildcard, behind a CNAME, and for a very large pool', async () => {
    expect(['192.0.2.1', '192.0.2.2']).toContain((await rig.values('mixed.example.test'))[0])
    expect(['2001:db8::1', '2001:db8::2']).toContain((await rig.values('mixed.example.test', 'AAAA'))[0])
    expect(['192.0.2.1', '192.0.2.2']).toContain((await rig.values('a.b.wild.example.test'))[0])
    expect(await rig.values('a.wild.example.test', 'TXT')).toEqual(['"wild"'])
    expect(['192.0.2.1', '192.0.2.2']).toContain((await rig.values('alias.example.test'))[0])
    expect((await rig.values('big.example.test'))[0]).toMatch(/^10\.0\./)
    const many = await rig.client.query({ name: 'many.example.test', type: 'A' })
    expect(many).toMatchObject({ kind: 'reply', reply: { truncated: false } })
    expect(await rig.values('many.example.test')).toHaveLength(60)
  })

  it('refers to the delegated, glue included, and knows names that only have names below them', async () => {
    for (const name of ['sub', 'ns.sub', 'other.sub']) {
      const outcome = await rig.client.query({ name: `${name}.example.test`, type: 'A' })
      expect(outcome).toMatchObject({
        reply: { rcode: 'NOERROR', authoritative: false, answers: [], authorityTypes: ['NS'] },
      })
    }
    expect(await rig.values('below.nothing.example.test')).toEqual([])
    expect(await rig.values('nothing.example.test')).toEqual([])
    expect(await rig.values('wild.example.test')).toEqual([])
    expect(await rig.values('not-there.example.test')).toEqual(['NXDOMAIN'])
  })
})
