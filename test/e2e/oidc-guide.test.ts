/** docs/guides/cluster/oidc.md, line by line, with a real provider in the place of the page's and somebody at the browser. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { eventually } from './harness/eventually.ts'
import { GuideShell } from './harness/guide-shell.ts'
import { guideSteps, type GuideStep } from './harness/guide-steps.ts'
import { browse, IdentityProvider } from './harness/identity-provider.ts'

const PAGE = join(import.meta.dirname, '../../docs/guides/cluster/oidc.md')
const ISSUER = 'https://login.example.net/realms/main'

let provider: IdentityProvider
let folder: string
let shell: GuideShell
let logins = 0

beforeAll(async () => {
  provider = await IdentityProvider.start()
  provider.people.set('ann', { email: 'ann@example.net', email_verified: true, groups: ['shop'] })
  folder = mkdtempSync(join(tmpdir(), 'fairlead-guide-'))
  const environment = { FAIRLEAD_API: '127.0.0.1:0', FAIRLEAD_NODES: `127.0.0.1:${await freePort()}` }
  shell = new GuideShell(folder, { network: 'shared', environment })
})
afterAll(async () => {
  await shell.end()
  await provider.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What it prints is opened, as a person would. */
async function logIn(step: Extract<GuideStep, { kind: 'command' }>): Promise<void> {
  const file = `login-${(logins += 1)}.txt`
  await shell.take({ kind: 'command', command: `${step.command} > ${file} 2>&1 &`, shown: [] })
  const url = await eventually(() => {
    const found = /^(?:or open| ) (http\S+)$/m.exec(readFileSync(join(folder, file), 'utf8'))?.[1]
    if (found === undefined) throw new Error('no address is printed')
    return found
  })
  await browse(url, 'ann')
  await shell.take({ ...step, command: `wait %% && cat ${file}` })
}

it('is followed line by line', async () => {
  const steps = guideSteps(PAGE)
  expect(steps.filter(({ kind }) => kind === 'command').length).toBeGreaterThan(8)
  for (const step of steps) {
    if (step.kind === 'file') await shell.take({ ...step, text: step.text.replace(ISSUER, provider.issuer) })
    else if (step.command.startsWith('fairlead login')) await logIn(step)
    else await shell.take(step)
  }
})
