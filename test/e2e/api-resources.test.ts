import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SAMPLE, sampleChanges, startApi, type ApiRig, type Reply } from './api-rig.ts'

let rig: ApiRig
beforeAll(async () => {
  rig = await startApi()
  const reply = await rig.send('POST', '/v1/change-sets', {
    body: { message: 'sample', changes: sampleChanges() },
  })
  expect(reply).toMatchObject({ status: 200, body: { outcome: 'committed', revision: 1 } })
})
afterAll(() => rig.stop())

const faultsOf = (reply: Reply) => (reply.body as { faults: { pointer: string; message: string }[] }).faults

describe('every kind of resource', () => {
  const kinds = [
    ['sites', 'x', { country: 'DE' }, { country: 'FR' }],
    ['zones', 'other.test', { nameservers: ['ns.elsewhere.test'] }, { ttlSec: 60 }],
    ['monitors', 'x', { kind: 'tcp' }, { send: 'hello' }],
    [
      'pools',
      'x',
      { endpoints: [{ name: 'e', address: '192.0.2.9', port: 1, site: 'ams' }] },
      { monitors: ['alive'] },
    ],
    [
      'load-balancers',
      'x.example.test',
      { zone: 'example.test', policy: { kind: 'all', pools: ['web'] } },
      { ttlSec: 5 },
    ],
    [
      'client-maps',
      'x',
      { entries: [{ name: 'a', prefixes: ['192.0.2.0/24'] }] },
      { entries: [{ name: 'b', prefixes: ['2001:db8::/32'] }] },
    ],
    ['overrides', 'web/a', { state: 'forced-up', reason: 'test' }, { state: 'forced-down' }],
    ['drains', 'site/ams', { reason: 'test', drainSec: 5 }, { drainSec: 7 }],
    ['pools/web/endpoints', 'x', { address: '2001:db8::1', port: 80, site: 'ams' }, { weight: 7 }],
  ] as const
  it.each(kinds)('%s: put, put again, get, list, patch, delete', async (...[path, name, spec, patch]) => {
    const url = `/v1/${path}/${encodeURIComponent(name)}`
    expect((await rig.send('GET', url)).status).toBe(404)
    const created = await rig.send('PUT', url, { body: spec })
    expect(created).toMatchObject({ status: 201, body: { outcome: 'committed' } })
    const again = await rig.send('PUT', url, { body: { ...spec, name } })
    expect(again).toMatchObject({ status: 200, body: { outcome: 'unchanged', changes: [] } })
    const got = await rig.send('GET', url)
    expect(got).toMatchObject({ status: 200, body: { name, ...spec } })
    expect(got.headers.get('etag')).toBe(created.headers.get('etag'))
    const list = await rig.send('GET', `/v1/${path}`)
    expect((list.body as { items: unknown[] }).items).toContainEqual(got.body)
    const headers = { 'content-type': 'application/merge-patch+json' }
    expect(await rig.send('PATCH', url, { body: patch, headers })).toMatchObject({ status: 200 })
    expect((await rig.send('GET', url)).body).toMatchObject({ ...spec, ...patch })
    expect(await rig.send('DELETE', url)).toMatchObject({ status: 200, body: { outcome: 'committed' } })
    expect((await rig.send('DELETE', url)).status).toBe(404)
    expect((await rig.send('PATCH', url, { body: patch })).status).toBe(404)
  })

  it('settings: there is one of them, with defaults where nobody put any', async () => {
    const url = '/v1/settings'
    const defaults = await rig.send('GET', url)
    expect(defaults).toMatchObject({ status: 200, body: { geoip: { enabled: false } } })
    expect(await rig.send('PATCH', url, { body: { geoip: { enabled: true } } })).toMatchObject({
      status: 201,
    })
    expect((await rig.send('GET', url)).body).toMatchObject({ geoip: { enabled: true } })
    const put = { clientSubnet: { trust: ['192.0.2.1/24'] } }
    expect(faultsOf(await rig.send('PUT', url, { body: put }))).toEqual([
      { pointer: '/clientSubnet/trust/0', message: expect.stringContaining('write 192.0.2.0/24') as string },
    ])
    expect(await rig.send('DELETE', url)).toMatchObject({ status: 200 })
    expect((await rig.send('GET', url)).body).toEqual(defaults.body)
  })

  it('is listed in pages, in order of name, each once', async () => {
    for (const name of ['p3', 'p1', 'p2']) await rig.send('PUT', `/v1/sites/${name}`, { body: {} })
    const names: string[] = []
    let after = ''
    for (;;) {
      const { body, headers } = await rig.send('GET', `/v1/sites?limit=2${after}`)
      const page = body as { items: { name: string }[]; next: string | null }
      expect(page.items.length).toBeLessThanOrEqual(2)
      names.push(...page.items.map((item) => item.name))
      expect(headers.get('link') === null).toBe(page.next === null)
      if (page.next === null) break
      after = `&after=${encodeURIComponent(page.next)}`
    }
    expect(names).toEqual(['ams', 'fra', 'p1', 'p2', 'p3'])
    for (const name of ['p3', 'p1', 'p2']) await rig.send('DELETE', `/v1/sites/${name}`)
  })
})

describe('versions', () => {
  it('a stale ETag is refused, the present one is not', async () => {
    const first =
      (await rig.send('PUT', '/v1/sites/v', { body: { country: 'NL' } })).headers.get('etag') ?? ''
    const second = await rig.send('PUT', '/v1/sites/v', {
      body: { country: 'BE' },
      headers: { 'if-match': first },
    })
    expect(second.status).toBe(200)
    for (const [method, body] of [
      ['PUT', {}],
      ['PATCH', {}],
      ['DELETE', undefined],
    ] as const) {
      const stale = await rig.send(method, '/v1/sites/v', { body, headers: { 'if-match': first } })
      expect(stale).toMatchObject({ status: 412, body: { type: 'urn:fairlead:problem:precondition-failed' } })
    }
    const current = second.headers.get('etag') ?? ''
    expect((await rig.send('GET', '/v1/sites/v', { headers: { 'if-none-match': current } })).status).toBe(304)
    expect((await rig.send('GET', '/v1/sites/v', { headers: { 'if-none-match': first } })).status).toBe(200)
    expect((await rig.send('DELETE', '/v1/sites/v', { headers: { 'if-match': current } })).status).toBe(200)
  })

  it('If-None-Match: * creates only', async () => {
    const headers = { 'if-none-match': '*' }
    expect((await rig.send('PUT', '/v1/sites/n', { body: {}, headers })).status).toBe(201)
    expect((await rig.send('PUT', '/v1/sites/n', { body: {}, headers })).status).toBe(412)
    expect((await rig.send('PUT', '/v1/sites/none', { body: {}, headers: { 'if-match': '*' } })).status).toBe(
      412,
    )
    await rig.send('DELETE', '/v1/sites/n')
  })

  it('a pool has another ETag after any change of an endpoint', async () => {
    const tag = async () => (await rig.send('GET', '/v1/pools/web')).headers.get('etag')
    const before = await tag()
    await rig.send('PATCH', '/v1/pools/web/endpoints/b', { body: { weight: 9 } })
    const after = await tag()
    expect(after).not.toBe(before)
    await rig.send('PATCH', '/v1/pools/web/endpoints/b', { body: { weight: null } })
    expect(await tag()).toBe(before)
  })

  it('two writers with the same ETag: one wins', async () => {
    const etag = (await rig.send('PUT', '/v1/sites/race', { body: {} })).headers.get('etag') ?? ''
    const headers = { 'if-match': etag }
    const countries = ['NL', 'BE', 'DE', 'FR', 'LU']
    const replies = await Promise.all(
      countries.map((country) => rig.send('PUT', '/v1/sites/race', { body: { country }, headers })),
    )
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, 412, 412, 412, 412])
    await rig.send('DELETE', '/v1/sites/race')
  })
})

describe('a pool', () => {
  it('is replaced with its endpoints, and deleted with them', async () => {
    const endpoint = (name: string) => ({ name, address: '192.0.2.50', port: 80, site: 'ams' })
    await rig.send('PUT', '/v1/pools/p', { body: { endpoints: [endpoint('a'), endpoint('b')] } })
    const replaced = await rig.send('PUT', '/v1/pools/p', {
      body: { endpoints: [endpoint('b'), endpoint('c')] },
    })
    expect((replaced.body as { changes: { name: string; after: unknown }[] }).changes).toEqual([
      expect.objectContaining({ name: 'p/c', before: null }),
      expect.objectContaining({ name: 'p/a', after: null }),
    ])
    expect((await rig.send('GET', '/v1/pools/p/endpoints/a')).status).toBe(404)
    await rig.send('DELETE', '/v1/pools/p')
    expect((await rig.send('GET', '/v1/pools/p/endpoints')).status).toBe(404)
    expect((await rig.send('PUT', '/v1/pools/p/endpoints/a', { body: endpoint('a') })).status).toBe(404)
  })

  it('does not take an endpoint twice', async () => {
    const endpoint = SAMPLE.pools[0]?.endpoints[0]
    const reply = await rig.send('PUT', '/v1/pools/p', { body: { endpoints: [endpoint, endpoint] } })
    expect(faultsOf(reply)).toEqual([{ pointer: '/endpoints/1/name', message: "a second endpoint 'a'" }])
  })
})

describe('what is refused', () => {
  it('lists every fault with its pointer', async () => {
    const reply = await rig.send('PUT', '/v1/pools/p', {
      body: { monitors: ['none'], endpoints: [{ name: 'a', address: '999.1.1.1', prot: 80, site: 'ams' }] },
    })
    expect(reply.status).toBe(422)
    expect(faultsOf(reply).map((fault) => fault.pointer)).toEqual([
      '/endpoints/0/address',
      '/endpoints/0/port',
      '/endpoints/0/prot',
    ])
    expect(faultsOf(reply)[2]?.message).toBe("unknown field 'prot', did you mean 'port'?")
  })

  it('a zone index, a reference to nothing, a name that is not that of the path', async () => {
    const scoped = { address: 'fe80::1%eth0', port: 80, site: 'ams' }
    expect(faultsOf(await rig.send('PUT', '/v1/pools/web/endpoints/z', { body: scoped }))[0]?.pointer).toBe(
      '/address',
    )
    const nowhere = { address: '192.0.2.77', port: 80, site: 'nowhere' }
    expect(faultsOf(await rig.send('PUT', '/v1/pools/web/endpoints/z', { body: nowhere }))).toEqual([
      { pointer: '/site', message: expect.stringContaining("there is no site 'nowhere'") as string },
    ])
    expect(faultsOf(await rig.send('PUT', '/v1/sites/one', { body: { name: 'two' } }))[0]?.pointer).toBe(
      '/name',
    )
    expect(faultsOf(await rig.send('PATCH', '/v1/sites/ams', { body: { name: 'two' } }))[0]?.pointer).toBe(
      '/name',
    )
  })

  it('deleting what something refers to, with the list', async () => {
    const referred = [
      ['/v1/sites/ams', { kind: 'endpoint', name: 'web/a' }],
      ['/v1/monitors/alive', { kind: 'pool', name: 'web' }],
      ['/v1/pools/web', { kind: 'loadBalancer', name: 'www.example.test' }],
      ['/v1/zones/example.test', { kind: 'loadBalancer', name: 'www.example.test' }],
    ] as const
    for (const [path, referrer] of referred) {
      const reply = await rig.send('DELETE', path)
      expect(reply).toMatchObject({
        status: 409,
        body: { type: 'urn:fairlead:problem:referred', referrers: [referrer] },
      })
    }
  })

  it('a change beside a resource that breaks it', async () => {
    const closer = await rig.send('PUT', '/v1/zones/www.example.test', {
      body: { nameservers: ['ns.elsewhere.test'] },
    })
    expect(closer.status).toBe(422)
    expect(faultsOf(closer)[0]?.message).toContain("load balancer 'www.example.test'")
    const record = { name: 'www', type: 'A', values: ['192.0.2.1'] }
    expect((await rig.send('PATCH', '/v1/zones/example.test', { body: { records: [record] } })).status).toBe(
      422,
    )
  })

  it.each([
    "x'); DROP TABLE resources; --",
    '{{1,os.execute("id")}}',
    'a"b',
    'a\\b',
    "';return '1.2.3.4",
    'a\u0000b',
    '../../etc/passwd',
    '$(reboot)',
    'a\nb',
  ])('names that try to escape: %j', async (name) => {
    const path = encodeURIComponent(name)
    for (const body of [
      ['/v1/sites/', {}],
      ['/v1/load-balancers/', { zone: 'example.test', policy: { kind: 'all', pools: ['web'] } }],
      ['/v1/zones/', { nameservers: ['ns.elsewhere.test'] }],
    ] as const)
      expect((await rig.send('PUT', body[0] + path, { body: body[1] })).status).toBe(400)
    const reply = await rig.send('PUT', '/v1/sites/ok', { body: { name } })
    expect(reply.status).toBe(422)
    expect((await rig.send('GET', '/v1/sites')).status).toBe(200)
  })

  it('a Unicode name is stored as A-labels and found by either spelling', async () => {
    const body = { zone: 'Example.Test.', policy: { kind: 'all', pools: ['web'] } }
    const unicode = `/v1/load-balancers/${encodeURIComponent('bücher.example.test')}`
    expect((await rig.send('PUT', unicode, { body })).status).toBe(201)
    expect((await rig.send('GET', '/v1/load-balancers/xn--bcher-kva.example.test')).status).toBe(200)
    expect((await rig.send('GET', unicode)).body).toMatchObject({
      name: 'xn--bcher-kva.example.test',
      zone: 'example.test',
    })
    expect((await rig.send('DELETE', unicode)).status).toBe(200)
  })

  it('a field called __proto__, however it is written', async () => {
    for (const body of ['{"__proto__": {"country": "NL"}}', '{"\\u005f_proto__": 1}']) {
      const reply = await rig.send('PATCH', '/v1/sites/ams', { body })
      expect(reply).toMatchObject({ status: 400 })
    }
  })
})
