/** The console in a real browser: signing in by a real provider, what it shows, and what it does while a control is gone. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { loginRulesSchema } from '../../src/core/access/login-rules.ts'
import { startApi, type ApiRig } from './api-rig.ts'
import { startBrowser, visit, type Visit } from './harness/browser.ts'
import { consolePage } from './harness/console-page.ts'
import { eventually } from './harness/eventually.ts'
import { FairleadProcess } from './harness/fairlead-process.ts'
import { CLIENT_ID, IdentityProvider } from './harness/identity-provider.ts'
import { LocalServers } from './harness/local-servers.ts'
import { Relay } from './harness/relay.ts'

let browser: Browser
let provider: IdentityProvider
let rig: ApiRig
let opened: Visit[] = []
const startRig = (dataDir?: string) =>
  startApi({
    ...(dataDir !== undefined && { dataDir }),
    loginRules: loginRulesSchema.parse({
      ...{ issuer: provider.issuer, clientId: CLIENT_ID, requestScopes: ['openid', 'email', 'groups'] },
      mappings: [{ group: 'shop', role: 'editor', scope: { zones: ['shop.test'], pools: ['shop-*'] } }],
    }),
  })

beforeAll(async () => {
  ;[browser, provider] = await Promise.all([startBrowser(), IdentityProvider.start()])
  provider.people.set('ann', { email: 'ann@example.test', email_verified: true, groups: ['shop'] })
  provider.people.set('bob', { groups: ['others'] })
  rig = await startRig()
})
afterAll(async () => {
  await browser.close()
  await rig.stop()
  await provider.stop()
})
beforeEach(() => {
  opened = []
})
afterEach(async () => {
  for (const { page, faults } of opened) {
    await page.close()
    expect(faults).toEqual([])
  }
})

async function open(url = rig.control.url): Promise<Page> {
  const one = await visit(browser, `${url}/console/`)
  opened.push(one)
  return one.page
}

const { saysIn, tokenIn, useToken } = consolePage
const whoAmI = (token: string | null) =>
  rig.send('GET', '/v1/whoami', { headers: { authorization: `Bearer ${token ?? ''}` } })

/** Through the pages of the provider, as that person. */
async function logIn(page: Page, person: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.locator('input[name=login]').fill(person)
  await page.locator('input[name=password]').fill('any')
  await page.locator('button[type=submit]').click()
  await page.locator('form[action*=interaction] button[type=submit]').click()
}

describe('a login by the provider', () => {
  it('gives the role of the group, is off the address bar, and ends with the token', async () => {
    const page = await open()
    await logIn(page, 'ann')
    await saysIn(page, 'oidc:ann@example.test')
    await saysIn(page, /for zones shop\.test; pools shop-\* · until .*, in 7 h 59 min/)
    await saysIn(page, 'Live')
    expect(page.url()).toBe(`${rig.control.url}/console/`)
    expect(rig.log.filter((line) => line.includes('code='))).toEqual([])
    const token = await tokenIn(page)
    expect(await whoAmI(token)).toMatchObject({ status: 200, body: { role: 'editor' } })
    await page.reload()
    await saysIn(page, 'oidc:ann@example.test')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await saysIn(page, 'You are signed out; your token is revoked.')
    expect((await whoAmI(token)).status).toBe(401)
    expect(await page.evaluate('[sessionStorage.length, localStorage.length, document.cookie]')).toEqual([
      0,
      0,
      '',
    ])
  })

  it('that could not go on is revoked when another takes its place', async () => {
    const page = await open()
    await logIn(page, 'ann')
    await saysIn(page, 'Live')
    const token = await tokenIn(page)
    await page.route('**/v1/whoami', (route) => route.fulfill({ status: 503 }))
    await page.reload()
    await saysIn(page, 'Reload this page in a moment.')
    expect(await tokenIn(page)).toBe(token)
    await page.unroute('**/v1/whoami')
    await useToken(page, rig.token)
    await saysIn(page, 'Live')
    await expect.poll(async () => (await whoAmI(token)).status).toBe(401)
  })

  it('tells somebody without a role so, and what mends it', async () => {
    const page = await open()
    await logIn(page, 'bob')
    await saysIn(
      page,
      /You have no role here: oidc:bob: the claim 'groups' holds 'others': no mapping is for one of them/,
    )
    await saysIn(page, /ask an admin of Fairlead to map one of yours/)
    expect(await tokenIn(page)).toBeNull()
  })

  it('says what the provider said', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Cancel').click()
    await saysIn(page, new RegExp(`${provider.issuer} refused the login \\(access_denied`))
  })

  it('counts once, in the tab where it was begun, with its own state and nonce', async () => {
    const page = await open()
    const console = `${rig.control.url}/console/`
    await page.goto(`${console}?code=x&state=y`)
    await saysIn(page, /belongs to no login that was begun in this tab/)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.locator('input[name=login]').waitFor()
    await page.goto(`${console}?code=x&state=of-another`)
    await saysIn(page, /belongs to no login that was begun in this tab/)
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
    await page.addInitScript(() => {
      // Somebody else's key: the nonce of the ID token is not of it.
      const pending = JSON.parse(sessionStorage.getItem('fairlead.login') ?? 'null') as object | null
      if (pending !== null)
        sessionStorage.setItem('fairlead.login', JSON.stringify({ ...pending, nonceKey: 'k'.repeat(43) }))
    })
    await logIn(page, 'ann')
    await saysIn(page, /is not for this login: .*nonce/)
    expect(await tokenIn(page)).toBeNull()
  })

  it('needs clocks that agree, and a provider that can be asked', async () => {
    const page = await open()
    await page.clock.setFixedTime(Date.now() + 7_200_000)
    await logIn(page, 'ann')
    await saysIn(page, /compare the clocks of this machine and of the provider/)
    await page.route(`${provider.issuer}/**`, (route) => route.abort())
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await saysIn(page, /Either it is away, or it does not know this page: .*\/console\/ as a redirect URI/)
  })

  it('at a false control is no good at the true one', async () => {
    const relay = await Relay.start(() => rig.control.url)
    try {
      const page = await open(relay.url)
      await logIn(page, 'ann')
      await saysIn(page, /The ID token was asked for at another address than those of this control/)
    } finally {
      await relay.stop()
    }
  })
})

it('is the same at another control, where the login is one of its own', async () => {
  const beside = await startRig(rig.dataDir)
  try {
    const page = await open(beside.control.url)
    await logIn(page, 'ann')
    await saysIn(page, 'oidc:ann@example.test')
    await saysIn(page, 'Live')
  } finally {
    await beside.stop()
  }
})

it('runs nothing of others, and asks nobody but the control and the provider', async () => {
  const { page, faults } = await visit(browser, `${rig.control.url}/console/`)
  await saysIn(page, 'Use an API token')
  expect(faults).toEqual([])
  await page.evaluate("fetch('http://127.0.0.1:1/').catch(() => null)")
  await page.evaluate(`{
    const script = document.createElement('script')
    script.textContent = 'document.title = "run"'
    document.body.append(script)
  }`)
  expect(await page.title()).toBe('Fairlead')
  for (const directive of ['connect-src', 'script-src'])
    expect(faults).toContainEqual(expect.stringContaining(`${directive} 'self'`))
  await page.close()
})

describe('what it shows', () => {
  let folder: string
  let up: FairleadProcess
  let servers: LocalServers
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fairlead-console-'))
    mkdirSync(join(folder, 'data'))
    const [dnsPort, apiPort, port] = [await freePort(), await freePort(), await freePort()]
    servers = new LocalServers(port)
    await servers.start('127.0.9.1', '127.0.9.2')
    const file = join(folder, 'fairlead.yaml')
    const endpoints = ['a', 'b'].map((name, index) => ({
      name,
      address: `127.0.9.${index + 1}`,
      port,
      site: 'here',
    }))
    const document = {
      sites: [{ name: 'here' }],
      zones: [{ name: 'example.test', nameservers: ['ns.elsewhere.test.'] }],
      monitors: [
        { kind: 'tcp', name: 'open', intervalMs: 500, timeoutMs: 200, fastIntervalMs: 200, fall: 2, rise: 1 },
      ],
      pools: [{ name: 'web', monitors: ['open'], endpoints }],
      loadBalancers: [
        { name: 'www.example.test', zone: 'example.test', policy: { kind: 'all', pools: ['web'] } },
      ],
    }
    writeFileSync(file, JSON.stringify(document))
    up = new FairleadProcess({
      ...{ dataDir: join(folder, 'data'), dnsPort },
      args: ['--api', `127.0.0.1:${apiPort}`],
    })
    await up.start(file)
  })
  afterAll(async () => {
    // With its PowerDNS.
    await up.end()
    await servers.stopAll()
    rmSync(folder, { recursive: true })
  })

  it('changes by itself when an endpoint dies, stays when the control is gone, and goes on when it is back', async () => {
    const [url = '', token = ''] = ['api-url', 'token'].map((name) =>
      readFileSync(join(folder, 'data', name), 'utf8').trim(),
    )
    const page = await open(url)
    await useToken(page, token)
    const verdictOf = (name: string) => page.locator(`[data-endpoint="web/${name}"] .mark`)
    const shows = (name: string, word: string) =>
      eventually(async () => {
        expect(await verdictOf(name).innerText()).toBe(word)
      })
    await shows('a', 'up')
    await saysIn(page, '2 of 2 up')
    const find = page.getByLabel('Find by name, address or site')
    await find.fill('127.0.9.2')
    await eventually(async () => {
      expect([await verdictOf('a').count(), await verdictOf('b').count()]).toEqual([0, 1])
    })
    await find.fill('')
    await page.evaluate("document.title = 'not loaded anew'")
    await servers.stop('127.0.9.2')
    await shows('b', 'down')
    await saysIn(page, '1 of 2 up')
    await shows('a', 'up')

    await up.end('SIGKILL')
    await saysIn(page, /Not live since \d\d:\d\d:\d\d/)
    await shows('b', 'down')
    await servers.start('127.0.9.2')
    await up.start()
    await saysIn(page, 'Live')
    await shows('b', 'up')
    expect(await page.title()).toBe('not loaded anew')
  })
})
