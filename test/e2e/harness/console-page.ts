/** What somebody does on the page of the console, and reads there. */
import { expect } from 'vitest'
import type { Page } from 'playwright-core'
import { eventually } from './eventually.ts'

export const consolePage = {
  saysIn: (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor(),

  tokenIn: (page: Page) => page.evaluate(() => sessionStorage.getItem('fairlead.token')),

  useToken: async (page: Page, token: string): Promise<void> => {
    const field = page.getByLabel('API token', { exact: true })
    await page.getByText('Use an API token').waitFor()
    await eventually(async () => {
      if (!(await field.isVisible())) await page.getByText('Use an API token').click()
      expect(await field.isVisible()).toBe(true)
    })
    await field.fill(token)
    await page.keyboard.press('Enter')
  },
}
