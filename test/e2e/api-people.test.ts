/** Who may do what at the API: roles, scopes, ends of tokens, rotation, the limit on attempts; and that the audit log has it all. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEntryView } from '../../src/core/views/audit.ts'
import type { CreatedToken } from '../../src/core/views/token.ts'
import { sampleChanges, startApi, type ApiRig, type Reply } from './api-rig.ts'
import { eventually } from './harness/eventually.ts'

let rig: ApiRig
beforeAll(async () => {
  rig = await startApi()
  const reply = await rig.send('POST', '/v1/change-sets', { body: { message: '', changes: sampleChanges() } })
  expect(reply.status).toBe(200)
})
afterAll(() => rig.stop())

async function tokenOf(request: object): Promise<CreatedToken> {
  const reply = await rig.send('POST', '/v1/tokens', { body: request })
  expect(reply.status).toBe(201)
  return reply.body as CreatedToken
}

type Ask = (method: string, path: string, body?: unknown) => Promise<Reply>
const as =
  ({ token }: { readonly token: string }): Ask =>
  (method, path, body) =>
    rig.send(method, path, {
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body }),
    })

/** Ends when the stream of events with this token does. */
async function streamOf({ token }: { readonly token: string }): Promise<Promise<unknown>[]> {
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch(`${rig.control.url}/v1/events`, { headers })
  expect(response.status).toBe(200)
  return [response.text().catch(() => null)]
}

const audit = async (): Promise<AuditEntryView[]> =>
  ((await rig.send('GET', '/v1/audit?limit=500')).body as { items: AuditEntryView[] }).items

async function audited(entry: Partial<AuditEntryView>): Promise<void> {
  await eventually(async () => {
    expect(await audit()).toContainEqual(expect.objectContaining(entry))
  })
}

const SITE = { name: 'lon', country: 'GB' }
const DRAIN = { reason: 'disk' }
const zone = (name: string) => ({ name, nameservers: ['ns.elsewhere.test'] })

describe('roles', () => {
  it('a viewer reads everything and changes nothing, and what it tried is in the audit log', async () => {
    const viewer = await tokenOf({ name: 'eyes' })
    const ask = as(viewer)
    for (const path of ['/v1/export', '/v1/status', '/v1/operations', '/v1/revisions', '/v1/whoami'])
      expect((await ask('GET', path)).status).toBe(200)
    const before = (await rig.send('GET', '/v1/export')).body
    const reply = await ask('PUT', '/v1/sites/lon', SITE)
    expect(reply).toMatchObject({
      status: 403,
      body: {
        type: 'urn:fairlead:problem:forbidden',
        detail: "site 'lon' may be changed by the role editor and above, not by viewer",
      },
    })
    for (const [method, path, body] of [
      ['PUT', '/v1/drains/pool%2Fweb', DRAIN],
      ['DELETE', '/v1/pools/web'],
      ['POST', '/v1/budget/release', {}],
      ['POST', '/v1/change-sets', { message: '', changes: [{ op: 'put', kind: 'site', spec: SITE }] }],
      ['PUT', '/v1/settings', {}],
      ['GET', '/v1/tokens'],
      ['POST', '/v1/tokens', { name: 'more', role: 'admin' }],
      ['DELETE', `/v1/tokens/${viewer.id}`],
      ['GET', '/v1/audit'],
    ] as const)
      expect([method, path, (await ask(method, path, body)).status]).toEqual([method, path, 403])
    expect((await rig.send('GET', '/v1/export')).body).toEqual(before)
    await audited({
      actor: 'eyes',
      from: '127.0.0.1',
      action: 'PUT /v1/sites/lon',
      outcome: 'denied',
      revision: null,
    })
    await audited({ actor: 'eyes', action: 'POST /v1/tokens', outcome: 'denied' })
  })

  it('a dry run is denied like the change itself', async () => {
    const ask = as(await tokenOf({ name: 'eyes-2' }))
    expect((await ask('PUT', '/v1/sites/lon?dryRun=true', SITE)).status).toBe(403)
  })

  it('an operator does what is of the moment; an editor the configuration; neither makes tokens', async () => {
    const operator = as(await tokenOf({ name: 'on-call', role: 'operator' }))
    const editor = as(await tokenOf({ name: 'deploy', role: 'editor' }))
    expect((await operator('PUT', '/v1/drains/endpoint%2Fweb%2Fa', DRAIN)).status).toBe(201)
    expect((await operator('DELETE', '/v1/drains/endpoint%2Fweb%2Fa')).status).toBe(200)
    const override = { state: 'forced-up', reason: 'probe is wrong' }
    expect((await operator('PUT', '/v1/overrides/web%2Fa', override)).status).toBe(201)
    expect((await operator('PUT', '/v1/sites/lon', SITE)).status).toBe(403)
    expect((await editor('PUT', '/v1/sites/lon', SITE)).status).toBe(201)
    expect((await editor('DELETE', '/v1/overrides/web%2Fa')).status).toBe(200)
    for (const ask of [operator, editor])
      expect((await ask('POST', '/v1/tokens', { name: 'x' })).status).toBe(403)
    await audited({
      actor: 'deploy',
      action: 'change',
      outcome: 'done',
      changes: [{ op: 'put', kind: 'site', key: 'lon' }],
    })
  })
})

describe('a scope', () => {
  it('lets a team change its own zones and pools and nothing else, also in the middle of a change set', async () => {
    const request = {
      name: 'team',
      role: 'editor',
      scope: { zones: ['*.shop.test', 'shop.test'], pools: ['shop-*'] },
    }
    const ask = as(await tokenOf(request))
    expect((await ask('GET', '/v1/whoami')).body).toMatchObject({
      name: 'team',
      role: 'editor',
      scope: request.scope,
    })
    expect((await ask('PUT', '/v1/zones/shop.test', zone('shop.test'))).status).toBe(201)
    expect((await ask('PUT', '/v1/zones/eu.shop.test', zone('eu.shop.test'))).status).toBe(201)
    expect((await ask('PUT', '/v1/zones/workshop.test', zone('workshop.test'))).status).toBe(403)
    const changes = [
      { op: 'put', kind: 'zone', spec: zone('de.shop.test') },
      { op: 'delete', kind: 'loadBalancer', name: 'www.example.test' },
    ]
    const reply = await ask('POST', '/v1/change-sets', { message: '', changes })
    expect(reply).toMatchObject({
      status: 403,
      body: {
        detail:
          "load balancer 'www.example.test' is outside of the scope (zones *.shop.test, shop.test; pools shop-*)",
      },
    })
    expect((await rig.send('GET', '/v1/zones/de.shop.test')).status).toBe(404)
    expect((await ask('PATCH', '/v1/pools/web', { ttlSec: 5 })).status).toBeGreaterThanOrEqual(400)
    expect((await ask('PUT', '/v1/drains/pool%2Fweb', DRAIN)).status).toBe(403)
  })

  it('is refused where it means nothing, with the place', async () => {
    const scope = { zones: ['a.test'] }
    for (const [request, pointer] of [
      [{ name: 'x', role: 'admin', scope }, '/scope'],
      [{ name: 'x', role: 'viewer', scope }, '/scope'],
      [{ name: 'x', role: 'editor', scope: {} }, '/scope'],
      [{ name: 'x', role: 'editor', scope: { zones: ['Ä'] } }, '/scope/zones/0'],
      [{ name: 'x', role: 'root' }, '/role'],
      [{ name: 'x', expiresAtMs: 1_700_000_000 }, '/expiresAtMs'],
    ] as const) {
      const reply = await rig.send('POST', '/v1/tokens', { body: request })
      expect(reply).toMatchObject({ status: 422, body: { faults: [{ pointer }] } })
    }
  })
})

describe('a token', () => {
  it('is refused from its end on', async () => {
    const expiresAtMs = Date.now() + 1_500
    const short = await tokenOf({ name: 'short', role: 'editor', expiresAtMs })
    const ask = as(short)
    const stream = await streamOf(short)
    expect((await ask('GET', '/v1/whoami')).body).toMatchObject({ expiresAtMs })
    await eventually(async () => {
      expect((await ask('GET', '/v1/whoami')).status).toBe(401)
    })
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAtMs)
    await Promise.all(stream)
  })

  it('is rotated: the new one has the same role and scope, the old one ends at once or after its grace', async () => {
    const scope = { zones: ['a.test'], pools: [] }
    const old = await tokenOf({ name: 'rotated', role: 'editor', scope })
    const rotate = async (id: string, body: object) => {
      const reply = await rig.send('POST', `/v1/tokens/${id}/rotate`, { body })
      expect(reply.status).toBe(201)
      return reply.body as CreatedToken
    }
    const next = await rotate(old.id, { graceSec: 3_600 })
    expect(next).toMatchObject({ name: 'rotated', role: 'editor', scope, expiresAtMs: null })
    for (const one of [old, next]) expect((await as(one)('GET', '/v1/whoami')).status).toBe(200)
    const streams = [...(await streamOf(next)), ...(await streamOf(old))]
    const last = await rotate(next.id, {})
    expect((await as(next)('GET', '/v1/whoami')).status).toBe(401)
    expect((await as(last)('GET', '/v1/whoami')).status).toBe(200)
    expect((await rig.send('DELETE', `/v1/tokens/${old.id}`)).status).toBe(204)
    await Promise.all(streams)
    expect((await rig.send('POST', `/v1/tokens/${old.id}/rotate`, { body: {} })).status).toBe(404)
    expect((await rig.send('POST', '/v1/tokens/none/rotate', { body: {} })).status).toBe(404)
    await audited({
      action: 'token rotate',
      actor: 'local',
      detail: expect.stringContaining(next.id) as string,
    })
  })

  it('of a token file is not rotated behind its back, and nobody takes its name', async () => {
    const { items } = (await rig.send('GET', '/v1/tokens')).body as { items: CreatedToken[] }
    const local = items.find(({ name }) => name === 'local')
    expect((await rig.send('POST', `/v1/tokens/${local?.id ?? ''}/rotate`, { body: {} })).status).toBe(409)
    for (const name of ['local', 'local control-1'])
      expect((await rig.send('POST', '/v1/tokens', { body: { name } })).status).toBe(422)
    expect((await rig.send('GET', '/v1/whoami')).body).toMatchObject({ name: 'local', role: 'admin' })
  })

  it('that is wrong too often is told to wait, a right one from there still works, and the log counts them', async () => {
    const seen = new Set<number>()
    for (let count = 0; count < 60; count += 1) {
      const reply = await as({ token: `guess-${count}` })('GET', `/v1/sites?limit=${count + 1}`)
      seen.add(reply.status)
      if (reply.status === 429) expect(Number(reply.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    }
    expect([...seen].sort()).toEqual([401, 429])
    expect((await rig.send('GET', '/v1/whoami')).status).toBe(200)
    await audited({ actor: '', from: '127.0.0.1', outcome: 'denied', times: 1 })
    expect(rig.log.join('')).not.toContain('guess-1')
  })
})

describe('the audit log', () => {
  it('has an entry for each revision and each token, and is read page by page', async () => {
    const { body } = await rig.send('GET', '/v1/revisions?limit=200')
    const revisions = (body as { items: { number: number; author: string }[] }).items
    const all: AuditEntryView[] = []
    let next: string | null = null
    do {
      const query: string = next === null ? 'sinceMs=0' : `after=${encodeURIComponent(next)}`
      const page: Reply = await rig.send('GET', `/v1/audit?limit=7&${query}`)
      const { items, next: following } = page.body as { items: AuditEntryView[]; next: string | null }
      all.push(...items)
      next = following
    } while (next !== null)
    const made = all.flatMap(({ revision, actor }) => (revision === null ? [] : [[revision, actor]]))
    expect(made).toEqual(revisions.map(({ number, author }) => [number, author]).reverse())
    expect(all.filter(({ action }) => action === 'token create').length).toBeGreaterThan(5)
    expect((await rig.send('GET', '/v1/audit?after=nonsense')).status).toBe(400)
    for (const method of ['DELETE', 'PUT', 'POST', 'PATCH'])
      expect((await rig.send(method, '/v1/audit')).status).toBe(405)
  })

  it('and the tokens are there after a restart', async () => {
    const before = await audit()
    const { id } = await tokenOf({ name: 'stays', role: 'operator' })
    await rig.control.stop()
    const again = await startApi({ dataDir: rig.dataDir })
    const tokens = (await again.send('GET', '/v1/tokens')).body as { items: CreatedToken[] }
    expect(tokens.items).toContainEqual(expect.objectContaining({ id, role: 'operator' }))
    const entries = ((await again.send('GET', '/v1/audit?limit=500')).body as { items: AuditEntryView[] })
      .items
    expect(entries.map((entry) => entry.id)).toEqual(expect.arrayContaining(before.map((entry) => entry.id)))
    await again.stop()
  })
})
