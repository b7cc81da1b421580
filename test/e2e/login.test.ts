/** Logins by the API with ID tokens of a real provider: what is believed, what it gives, what is refused, and what the audit log has. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundNonce } from '../../src/adapters/oidc/bound-nonce.ts'
import { loginRulesSchema } from '../../src/core/access/login-rules.ts'
import type { AuditEntryView } from '../../src/core/views/audit.ts'
import type { CreatedToken } from '../../src/core/views/token.ts'
import { startApi, type ApiRig, type Reply } from './api-rig.ts'
import { eventually } from './harness/eventually.ts'
import { forgedIdToken } from './harness/forged-id-token.ts'
import { CLIENT_ID, FOR, IdentityProvider } from './harness/identity-provider.ts'

let provider: IdentityProvider
let rig: ApiRig
const startRig = (dataDir?: string) =>
  startApi({
    ...(dataDir !== undefined && { dataDir }),
    loginRules: loginRulesSchema.parse({
      ...{ issuer: provider.issuer, clientId: CLIENT_ID, tokenLife: '1h', addresses: [FOR.address] },
      mappings: [
        { group: 'dns-admins', role: 'admin' },
        { group: 'shop', role: 'editor', scope: { zones: ['*.shop.test'] } },
        { group: 'staff', role: 'viewer' },
      ],
    }),
  })

beforeAll(async () => {
  provider = await IdentityProvider.start()
  rig = await startRig()
})
afterAll(async () => {
  await rig.stop()
  await provider.stop()
})

const login = (idToken: string, more: object = {}, from = rig): Promise<Reply> =>
  from.send('POST', '/v1/login', {
    body: { idToken, nonceKey: FOR.nonceKey, ...more },
    headers: { authorization: '' },
  })

const as = (token: string, request: string, body?: unknown) => {
  const [method = '', path = ''] = request.split(' ')
  const headers = { authorization: `Bearer ${token}` }
  return rig.send(method, path, { headers, ...(body !== undefined && { body }) })
}

const audit = async (): Promise<AuditEntryView[]> =>
  ((await rig.send('GET', '/v1/audit?limit=500')).body as { items: AuditEntryView[] }).items

async function audited(entry: Partial<AuditEntryView>): Promise<void> {
  await eventually(async () => {
    expect(await audit()).toContainEqual(expect.objectContaining(entry))
  })
}

const ANN = { sub: 'u-1', email: 'ann@example.test', email_verified: true }

describe('a login', () => {
  it('gives the role and the scope of the groups, for as long as the control has it, and is audited', async () => {
    const before = Date.now()
    const reply = await login(await provider.idToken({ ...ANN, groups: ['shop', 'staff', 'other'] }))
    expect(reply.status).toBe(201)
    expect(reply.headers.get('cache-control')).toBe('no-store')
    const { token, name, role, scope, expiresAtMs } = reply.body as CreatedToken
    const made = { name, role, scope, expiresAtMs }
    const expected = { zones: ['*.shop.test'], pools: [] }
    expect(made).toMatchObject({ name: 'oidc:ann@example.test', role: 'editor', scope: expected })
    expect(expiresAtMs).toBeGreaterThanOrEqual(before + 3_600_000)
    expect(expiresAtMs).toBeLessThanOrEqual(Date.now() + 3_600_000)
    expect((await as(token, 'GET /v1/whoami')).body).toEqual(made)
    expect((await as(token, 'PUT /v1/sites/lon', { name: 'lon' })).status).toBe(403)
    await audited({
      actor: 'oidc:ann@example.test',
      ...{ from: '127.0.0.1', action: 'login', outcome: 'done' },
      detail: expect.stringMatching(
        /^token \S+ of 'oidc:ann@example.test', editor for zones \*\.shop\.test until .*; by http:\S+, subject 'u-1', for 'shop'$/,
      ) as string,
    })
  })

  it('is as short as it was asked to be, and never longer than the control has it', async () => {
    const endOf = async (lifeSec: number) => {
      const reply = await login(await provider.idToken({ groups: 'staff' }), { lifeSec })
      return ((reply.body as CreatedToken).expiresAtMs ?? Infinity) - Date.now()
    }
    expect(await endOf(120)).toBeLessThanOrEqual(120_000)
    expect(await endOf(86_400)).toBeLessThanOrEqual(3_600_000)
    expect((await login(await provider.idToken({ groups: 'staff' }), { lifeSec: 1 })).status).toBe(422)
  })

  it('is once for an ID token, whatever is done to its signature, and whichever control it comes to', async () => {
    const idToken = await provider.idToken({ ...ANN, groups: ['staff'] })
    const beside = await startRig(rig.dataDir)
    try {
      const replies = await Promise.all([login(idToken), login(idToken), login(idToken, {}, beside)])
      expect(replies.map(({ status }) => status).sort()).toEqual([201, 401, 401])
      const used = { status: 401, body: { detail: 'the ID token has been used already' } }
      for (const again of [idToken, forgedIdToken.malleated(idToken)])
        expect(await login(again)).toMatchObject(used)
    } finally {
      await beside.stop()
    }
    await audited({
      actor: '',
      action: 'POST /v1/login',
      outcome: 'denied',
      detail: 'the ID token has been used already',
    })
  })

  it('ends by logging out, which is for tokens of logins alone', async () => {
    const { token } = (await login(await provider.idToken({ ...ANN, groups: ['staff'] })))
      .body as CreatedToken
    expect((await as(token, 'DELETE /v1/login')).status).toBe(204)
    expect((await as(token, 'GET /v1/whoami')).status).toBe(401)
    await audited({ actor: 'oidc:ann@example.test', action: 'logout', outcome: 'done' })
    expect(await rig.send('DELETE', '/v1/login')).toMatchObject({
      ...{ status: 409, body: { type: 'urn:fairlead:problem:refused-step' } },
    })
  })

  it('has a name that nobody else is given, and a token that is not made to live on', async () => {
    const created = (await login(await provider.idToken({ ...ANN, groups: ['staff'] }))).body as CreatedToken
    const asked = { body: { name: created.name, role: 'viewer' } }
    expect((await rig.send('POST', '/v1/tokens', asked)).status).toBe(422)
    expect((await rig.send('POST', `/v1/tokens/${created.id}/rotate`, { body: {} })).status).toBe(409)
  })

  it('without an ID token is told where to get one, and nothing else', async () => {
    const reply = await rig.send('POST', '/v1/login', { body: {}, headers: { authorization: '' } })
    expect(reply).toMatchObject({
      status: 200,
      body: { issuer: provider.issuer, clientId: CLIENT_ID, scopes: ['openid', 'email'] },
    })
  })
})

describe('who is in no group of the mappings', () => {
  const told = new Set<string>()
  it.each([
    [
      { groups: ['other', 'Staff'] },
      "the claim 'groups' holds 'other', 'Staff': no mapping is for one of them",
    ],
    [{}, "the ID token has no claim 'groups'"],
    [{ groups: [] }, "the claim 'groups' holds no group"],
    [{ _claim_names: { groups: 'src1' } }, "the provider left the claim 'groups' out"],
  ])('gets 403, told what the claim held: %j', async (claims, said) => {
    const reply = await login(await provider.idToken({ ...ANN, ...claims }))
    expect(reply).toMatchObject({ status: 403, body: { type: 'urn:fairlead:problem:no-role' } })
    const { detail } = reply.body as { detail: string }
    expect(detail).toContain(`oidc:ann@example.test: ${said}`)
    told.add(detail)
  })

  it('and is in the audit log with it', async () => {
    for (const detail of told)
      await audited({ actor: 'oidc:ann@example.test', action: 'POST /v1/login', outcome: 'denied', detail })
  })
})

describe('an ID token is refused', () => {
  // An address may fail only so often at one control.
  let fresh: ApiRig
  const told = new Set<string>()
  beforeAll(async () => {
    fresh = await startRig(rig.dataDir)
  })
  afterAll(() => fresh.stop())
  const OTHER = 'the ID token was made for another client'
  const of =
    (...about: Parameters<IdentityProvider['idToken']>) =>
    () =>
      provider.idToken(...about)
  const old = Math.floor(Date.now() / 1_000) - 3_600
  const changed = async (change: (parts: string[]) => string[]) =>
    change((await provider.idToken({ groups: 'staff' })).split('.')).join('.')
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

  it.each<readonly [string, () => Promise<string>, string]>([
    ['of another client', of({ aud: 'shop' }), OTHER],
    ['for us among others, made for another', of({ aud: [CLIENT_ID, 'shop'], azp: 'shop' }), OTHER],
    ['of another issuer', of({ iss: 'http://127.0.0.1:1' }), 'the ID token is not of the issuer'],
    ['that has expired', of({ iat: old, exp: old + 300 }), 'has expired'],
    ['of long ago', of({ iat: old }), 'the ID token is of too long ago'],
    ['of later', of({ nbf: old + 7_200 }), "the claim 'nbf'"],
    ['without a subject', of({ sub: '' }), 'no subject'],
    [
      'with alg none',
      () => changed(([, body = '']) => [encoded({ alg: 'none' }), body, 'AA']),
      'is signed in a way that is not accepted',
    ],
    [
      'signed with a shared secret',
      () => forgedIdToken.byPublicKey(provider),
      'is signed in a way that is not accepted',
    ],
    [
      'signed by a stranger',
      () => forgedIdToken.byStranger(provider),
      'the signature of the ID token is not of the provider',
    ],
    ['that is an access token', of({}, { typ: 'at+jwt' }), 'this is no ID token'],
    [
      'that is an access token by its claims alone',
      of({ typ: 'Bearer', azp: CLIENT_ID, groups: 'staff' }, { typ: 'JWT' }),
      "this is no ID token, by its claim 'typ'",
    ],
    [
      'that is of a logout',
      of({ events: {}, groups: 'staff' }, { typ: 'JWT' }),
      "this is no ID token, by its claim 'events'",
    ],
    ['whose subject is no text', of({ sub: { a: 1 } as unknown as string, groups: 'staff' }), 'no subject'],
    [
      'whose claims were changed',
      () => changed(([head = '', , end = '']) => [head, encoded({ iss: provider.issuer }), end]),
      'the signature of the ID token is not of the provider',
    ],
    ['without a nonce', of({ nonce: undefined, groups: 'staff' }), 'has no nonce'],
    [
      'for another control',
      of({ nonce: boundNonce(FOR.nonceKey, 'https://evil.test') }),
      'at another address',
    ],
    ['that is none', () => Promise.resolve('aaaa.bbbb.cccc'), 'this is no ID token'],
  ])('%s', async (_title, make, said) => {
    const reply = await login(await make(), {}, fresh)
    expect(reply).toMatchObject({ status: 401, body: { type: 'urn:fairlead:problem:login-refused' } })
    const { detail } = reply.body as { detail: string }
    expect(detail).toContain(said)
    told.add(detail)
  })

  it('and every one of them is audited', async () => {
    for (const detail of told)
      await audited({ actor: '', from: '127.0.0.1', action: 'POST /v1/login', outcome: 'denied', detail })
  })
})

it('clocks may be off by five minutes', async () => {
  const nowSec = Math.floor(Date.now() / 1_000)
  const late = { iat: nowSec - 400, exp: nowSec - 280 }
  const early = { iat: nowSec + 280, exp: nowSec + 600 }
  for (const claims of [late, early])
    expect((await login(await provider.idToken({ ...claims, groups: 'staff' }))).status).toBe(201)
})

it('an address that fails too often is told to wait, and a good ID token is taken all the same', async () => {
  const fresh = await startRig()
  try {
    const bad = await provider.idToken({ aud: 'shop' })
    const statuses = await Promise.all(Array.from({ length: 22 }, () => login(bad, {}, fresh)))
    expect(statuses.filter(({ status }) => status === 401)).toHaveLength(20)
    const [waits] = statuses.filter(({ status }) => status === 429)
    expect(Number(waits?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await login(await provider.idToken({ groups: 'staff' }), {}, fresh)).status).toBe(201)
  } finally {
    await fresh.stop()
  }
})

it('an address that fails too often costs the provider nothing', async () => {
  const fresh = await startRig()
  try {
    await Promise.all(Array.from({ length: 22 }, () => login('aaaa.bbbb.cccc', {}, fresh)))
    const before = provider.requests
    expect((await login(await provider.idToken({ groups: 'staff' }), {}, fresh)).status).toBe(429)
    expect(provider.requests).toBe(before)
  } finally {
    await fresh.stop()
  }
})

it('a control without a provider says so', async () => {
  const plain = await startApi()
  try {
    expect(await login('a.b.c', {}, plain)).toMatchObject({
      ...{ status: 404, body: { detail: expect.stringContaining('oidcFile') as string } },
    })
  } finally {
    await plain.stop()
  }
})

it('follows the provider to new keys, and no longer believes the old ones', async () => {
  const fresh = await startRig()
  try {
    const idToken = () => provider.idToken({ groups: 'staff' })
    expect((await login(await idToken(), {}, fresh)).status).toBe(201)
    const before = await idToken()
    await provider.rotateKeys()
    // Rarely, as an address may fail only so often.
    await eventually(
      async () => {
        expect((await login(await idToken(), {}, fresh)).status).toBe(201)
      },
      { withinMs: 10_000, everyMs: 250 },
    )
    expect((await login(before, {}, fresh)).body).toMatchObject({
      detail: 'the ID token is not signed with a key of the provider',
    })
  } finally {
    await fresh.stop()
  }
})

it('while the provider is away nobody logs in, and who is in stays in', async () => {
  const { token } = (await login(await provider.idToken({ groups: 'staff' }))).body as CreatedToken
  const idToken = await provider.idToken({ groups: 'staff' })
  const fresh = await startRig()
  await provider.stop()
  try {
    expect(await login(idToken, {}, fresh)).toMatchObject({
      status: 503,
      body: {
        type: 'urn:fairlead:problem:identity-provider',
        detail: expect.stringContaining('tokens that are there stay good') as string,
      },
    })
    expect((await as(token, 'GET /v1/whoami')).status).toBe(200)
  } finally {
    await fresh.stop()
  }
})
