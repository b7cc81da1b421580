/** The console in a real browser, at a control without an identity provider: signing in by a token, and how a tab follows the control. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startApi, type ApiRig } from './api-rig.ts'
import { startBrowser, visit, type Visit } from './harness/browser.ts'
import { consolePage } from './harness/console-page.ts'

const { saysIn, tokenIn, useToken } = consolePage
let browser: Browser
let rig: ApiRig
let opened: Visit[] = []
beforeAll(async () => {
  ;[browser, rig] = await Promise.all([startBrowser(), startApi()])
})
afterAll(async () => {
  await browser.close()
  await rig.stop()
})
afterEach(async () => {
  for (const { page, faults } of opened) {
    await page.close()
    expect(faults).toEqual([])
  }
  opened = []
})

async function open(): Promise<Page> {
  const one = await visit(browser, `${rig.control.url}/console/`)
  opened.push(one)
  return one.page
}

const whoAmI = (token: string | null) =>
  rig.send('GET', '/v1/whoami', { headers: { authorization: `Bearer ${token ?? ''}` } })

it('a token that somebody has is taken, is not revoked by signing out, and ends the page when it is revoked', async () => {
  const page = await open()
  await useToken(page, 'fl_0123…')
  await saysIn(page, 'It was copied cut off, or with something else: copy it anew.')
  await useToken(page, 'wrong')
  await saysIn(page, 'This control takes no such token.')
  const made = (await rig.send('POST', '/v1/tokens', { body: { name: 'screen', role: 'viewer' } })).body as {
    id: string
    token: string
  }
  await useToken(page, made.token)
  await saysIn(page, 'screen')
  await saysIn(page, 'Live')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await saysIn(page, /which stays good elsewhere/)
  expect((await whoAmI(made.token)).status).toBe(200)
  await useToken(page, made.token)
  await saysIn(page, 'Live')
  await rig.send('DELETE', `/v1/tokens/${made.id}`)
  await saysIn(page, 'Your token has ended or was revoked.')
  expect(await tokenIn(page)).toBeNull()
})

it('a control is followed by a tab that is seen, and without a stream where there are too many', async () => {
  const page = await open()
  const streams = async () =>
    Number(/^fairlead_event_clients (\d+)$/m.exec((await rig.send('GET', '/metrics')).body as string)?.[1])
  // A browser without a screen hides no tab.
  const isHidden = (hidden: boolean) =>
    page.evaluate(`{
        Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }`)
  await expect.poll(streams).toBe(0)
  await useToken(page, rig.token)
  await saysIn(page, 'Live')
  expect(await streams()).toBe(1)
  await isHidden(true)
  await saysIn(page, /Not live since .*: this tab was hidden/)
  await expect.poll(streams).toBe(0)
  await page.route('**/v1/events', (route) =>
    route.fulfill({
      ...{ status: 503, contentType: 'application/problem+json' },
      body: JSON.stringify({ detail: '256 clients are following already' }),
    }),
  )
  await isHidden(false)
  await saysIn(page, 'Read every few seconds: 256 clients are following already')
  await page.unroute('**/v1/events')
  await isHidden(true)
  await isHidden(false)
  await saysIn(page, 'Live')
})

it('tabs of one browser leave each other connections: four follow by a stream, the others read', async () => {
  const context = await browser.newContext()
  const pages = await Promise.all(Array.from({ length: 7 }, () => context.newPage()))
  for (const page of pages) {
    page.setDefaultTimeout(20_000)
    await page.goto(`${rig.control.url}/console/`)
    await useToken(page, rig.token)
    await saysIn(page, /^Live$|Read every few seconds: other tabs of this browser/)
  }
  const live = async () => {
    const counts = await Promise.all(pages.map((page) => page.getByText('Live', { exact: true }).count()))
    return counts.filter((count) => count > 0).length
  }
  await expect.poll(live).toBe(4)
  // What a tab without a stream shows is of now as well.
  rig.control.reporter.event({ kind: 'alarm', atMs: Date.now(), source: 'test', message: 'all tabs hear' })
  for (const page of pages) await saysIn(page, /all tabs hear/)
  await context.close()
})

it('nameservers of one name at two sites are two lines, each with its own state', async () => {
  const page = await open()
  for (const [site, ready] of [
    ['ams', true],
    ['fra', false],
  ] as const)
    rig.control.reporter.nameserver({
      ...{ name: 'ns1', site, revision: 0, ready, unpublishedForMs: null },
      dnsServer: {
        ...{
          state: 'running',
          address: '127.0.0.1',
          port: 53,
          pid: 1,
          restarts: 0,
          version: null,
          detail: '',
        },
      },
    })
  await useToken(page, rig.token)
  const lines = page.getByRole('region', { name: 'Nameservers' }).getByRole('listitem')
  await lines.nth(1).waitFor()
  const texts = await lines.allInnerTexts()
  expect(texts.map((text) => text.replaceAll(/\s+/g, ' ')).sort()).toEqual([
    expect.stringMatching(/not ready ns1 fra/) as unknown,
    expect.stringMatching(/ready ns1 ams/) as unknown,
  ])
})

it('what happens during a reading is not undone by it', async () => {
  const page = await open()
  await useToken(page, rig.token)
  await saysIn(page, 'Live')
  const read = Promise.withResolvers<undefined>()
  const answered = Promise.withResolvers<undefined>()
  let readings = 0
  await page.route('**/v1/status', async (route) => {
    readings += 1
    if (readings > 1) return route.abort()
    const response = await route.fetch()
    read.resolve(undefined)
    await answered.promise
    return route.fulfill({ response })
  })
  const ring = (message: string) => {
    rig.control.reporter.event({ kind: 'alarm', atMs: Date.now(), source: 'test', message })
  }
  ring('it is read')
  await read.promise
  ring('it rang meanwhile')
  await saysIn(page, /it rang meanwhile/)
  const shown = page.waitForResponse('**/v1/status')
  answered.resolve(undefined)
  await (await shown).finished()
  // The next reading, which fails, leaves what this one made of it.
  await saysIn(page, /Not live since/)
  expect(await page.getByText(/it rang meanwhile/).count()).toBe(1)
  await page.unroute('**/v1/status')
})

it('a token is the only way where there is no provider', async () => {
  const page = await open()
  await page.getByLabel('API token', { exact: true }).waitFor()
  expect(await page.getByRole('button', { name: 'Sign in', exact: true }).count()).toBe(0)
  await useToken(page, rig.token)
  await saysIn(page, 'Nothing is configured yet.')
})
