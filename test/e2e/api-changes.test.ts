import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleChanges, startApi, type ApiRig, type Reply, type SAMPLE } from './api-rig.ts'

let rig: ApiRig
beforeAll(async () => {
  rig = await startApi()
  await rig.send('POST', '/v1/change-sets', { body: { changes: sampleChanges() } })
})
afterAll(() => rig.stop())

const faultsOf = (reply: Reply) => (reply.body as { faults: { pointer: string; message: string }[] }).faults

describe('a dry run', () => {
  it('says what would change and which answers, and changes nothing', async () => {
    const before = (await rig.send('GET', '/v1/export')).body
    const reply = await rig.send('PATCH', '/v1/pools/web/endpoints/a?dryRun=true', {
      body: { address: '192.0.2.99' },
    })
    expect(reply).toMatchObject({
      status: 200,
      body: {
        outcome: 'dry-run',
        changes: [{ name: 'web/a', before: { address: '192.0.2.1' }, after: { address: '192.0.2.99' } }],
        answers: [
          {
            name: 'www.example.test',
            type: 'A',
            before: ['192.0.2.1', '192.0.2.2'],
            after: ['192.0.2.2', '192.0.2.99'],
          },
        ],
      },
    })
    await rig.send('PUT', '/v1/sites/new?dryRun=true', { body: {} })
    await rig.send('DELETE', '/v1/load-balancers/www.example.test?dryRun=true')
    await rig.send('POST', '/v1/change-sets?dryRun=true', {
      body: { changes: [{ op: 'delete', kind: 'site', name: 'none' }] },
    })
    expect((await rig.send('GET', '/v1/export')).body).toEqual(before)
  })

  it('is never mistaken for a write: a misspelt parameter is refused', async () => {
    expect((await rig.send('DELETE', '/v1/load-balancers/www.example.test?dryrun=true')).status).toBe(400)
    expect((await rig.send('GET', '/v1/load-balancers/www.example.test')).status).toBe(200)
  })

  it('of something invalid is refused like the write', async () => {
    expect((await rig.send('DELETE', '/v1/sites/ams?dryRun=true')).status).toBe(409)
  })
})

describe('change sets', () => {
  const head = async () => (await rig.send('GET', '/v1/status')).body as { revision: number }
  const post = (body: object) => rig.send('POST', '/v1/change-sets', { body })

  it('are all or nothing, with every fault', async () => {
    const { revision } = await head()
    const changes = [
      { op: 'put', kind: 'site', spec: { name: 'good' } },
      {
        op: 'put',
        kind: 'endpoint',
        pool: 'web',
        spec: { name: 'c', address: '192.0.2.3', port: 1, site: 'bad' },
      },
      {
        op: 'put',
        kind: 'pool',
        spec: { name: 'p', endpoints: [{ name: 'e', address: '192.0.2.4', port: 1, site: 'worse' }] },
      },
      { op: 'put', kind: 'site', spec: { name: 'good' } },
    ]
    const reply = await post({
      changes: [...changes, { op: 'delete', kind: 'endpoint', name: 'a', pool: '../x' }],
    })
    expect(faultsOf(reply).map((fault) => fault.pointer)).toEqual(['/changes/4/pool'])
    const next = await post({ changes })
    expect(faultsOf(next).map((fault) => fault.pointer)).toEqual([
      '/changes/3/spec',
      '/changes/1/spec/site',
      '/changes/2/spec/endpoints/0/site',
    ])
    expect((await head()).revision).toBe(revision)
    expect((await rig.send('GET', '/v1/sites/good')).status).toBe(404)
  })

  it('may create and refer, or delete what refers and what is referred to, in one', async () => {
    const made = await post({
      changes: [
        {
          op: 'put',
          kind: 'endpoint',
          pool: 'fresh',
          spec: { name: 'e', address: '192.0.2.4', port: 1, site: 'new' },
        },
        { op: 'put', kind: 'site', spec: { name: 'new' } },
        { op: 'put', kind: 'pool', spec: { name: 'other' } },
        {
          op: 'put',
          kind: 'pool',
          spec: { name: 'fresh', endpoints: [{ name: 'e', address: '192.0.2.4', port: 1, site: 'new' }] },
        },
      ],
    })
    expect(made.status).toBe(200)
    const gone = await post({
      changes: ['site', 'pool', 'pool'].map((kind, index) => ({
        op: 'delete',
        kind,
        name: ['new', 'fresh', 'other'][index],
      })),
    })
    expect(gone).toMatchObject({ status: 200, body: { outcome: 'committed' } })
  })

  it('of the same id are applied once', async () => {
    const set = { id: 'the-same-id', changes: [{ op: 'put', kind: 'site', spec: { name: 'once' } }] }
    const first = await post(set)
    await rig.send('DELETE', '/v1/sites/once')
    const second = await post(set)
    expect(second).toMatchObject({
      status: 200,
      body: { revision: (first.body as { revision: number }).revision },
    })
    expect((await rig.send('GET', '/v1/sites/once')).status).toBe(404)
    const late = await post({ ...set, baseRevision: 0 })
    expect(late).toMatchObject({ status: 200, body: { outcome: 'committed' } })
  })

  it('on another head than the one they were made for are refused', async () => {
    const { revision } = await head()
    const changes = [{ op: 'put', kind: 'site', spec: { name: 'base' } }]
    expect((await post({ baseRevision: revision - 1, changes })).status).toBe(412)
    expect((await post({ baseRevision: revision, changes })).status).toBe(200)
    await rig.send('DELETE', '/v1/sites/base')
  })
})

describe('history and export', () => {
  it('revisions are paged, newest first, without a hole, with author and message', async () => {
    await rig.send('PATCH', '/v1/sites/fra?message=because', { body: { country: 'DE' } })
    const numbers: number[] = []
    let after = ''
    for (;;) {
      const { body } = await rig.send('GET', `/v1/revisions?limit=7${after}`)
      const page = body as {
        items: { number: number; author: string; message: string }[]
        next: string | null
      }
      if (after === '') expect(page.items[0]).toMatchObject({ author: 'local', message: 'because' })
      numbers.push(...page.items.map((item) => item.number))
      if (page.next === null) break
      after = `&after=${page.next}`
    }
    expect(numbers).toEqual(Array.from(numbers, (_, index) => numbers.length - index))
    const one = await rig.send('GET', `/v1/revisions/${numbers[0] ?? 0}`)
    expect(one.body).toMatchObject({ changes: [{ kind: 'site', name: 'fra', after: { country: 'DE' } }] })
    expect((await rig.send('GET', '/v1/revisions/999999')).status).toBe(404)
  })

  it('an export applied again changes nothing, and survives a restart', async () => {
    const exported = (await rig.send('GET', '/v1/export')).body as typeof SAMPLE
    const put = (kind: string, specs: object[]) => specs.map((spec) => ({ op: 'put', kind, spec }))
    const changes = [
      ...put('site', exported.sites),
      ...put('zone', exported.zones),
      ...put('monitor', exported.monitors),
      ...put('pool', exported.pools),
      ...put('loadBalancer', exported.loadBalancers),
    ]
    expect(await rig.send('POST', '/v1/change-sets', { body: { changes } })).toMatchObject({
      body: { outcome: 'unchanged' },
    })
    const etag = (await rig.send('GET', '/v1/pools/web')).headers.get('etag')
    await rig.control.stop()
    rig = await startApi({ dataDir: rig.dataDir })
    expect((await rig.send('GET', '/v1/export')).body).toEqual(exported)
    expect((await rig.send('GET', '/v1/pools/web')).headers.get('etag')).toBe(etag)
    expect(await rig.send('POST', '/v1/change-sets', { body: { changes } })).toMatchObject({
      body: { outcome: 'unchanged' },
    })
  })
})
