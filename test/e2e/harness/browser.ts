/** A real browser (Debian's chromium) on this machine: one for a test file, a profile of its own for each page. */
import { chromium, type Browser, type Page } from 'playwright-core'

const ARGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS })
}

export interface Visit {
  readonly page: Page
  /** What the page did wrong: exceptions, and what its content security policy forbade. */
  readonly faults: string[]
}

export async function visit(browser: Browser, url: string): Promise<Visit> {
  const page = await browser.newPage()
  page.setDefaultTimeout(10_000)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text())
  })
  await page.goto(url)
  return { page, faults }
}
