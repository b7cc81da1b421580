/** `fairlead login` and `logout` against a real provider, with somebody at a browser; the first of them as the program that is installed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { CertificateAuthority } from '../../src/adapters/probes/testing/certificates.ts'
import { runCommandLine } from '../../src/cli/run-command-line.ts'
import { fakeIo, type FakeIo } from '../../src/cli/testing/fake-io.ts'
import { loginRulesSchema } from '../../src/core/access/login-rules.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import { startApi, type ApiRig } from './api-rig.ts'
import { eventually } from './harness/eventually.ts'
import { browse, CLIENT_ID, IdentityProvider } from './harness/identity-provider.ts'
import { Relay } from './harness/relay.ts'

const FAIRLEAD = join(import.meta.dirname, '../../bin/fairlead')

const RULES = loginRulesSchema.parse({
  ...{
    issuer: 'https://login.example.net',
    clientId: CLIENT_ID,
    requestScopes: ['openid', 'email', 'groups'],
    // The provider leaves it out.
    deviceWithoutNonce: true,
  },
  mappings: [{ group: 'shop', role: 'editor', scope: { zones: ['shop.test'], pools: ['shop-*'] } }],
})

let provider: IdentityProvider
let rig: ApiRig
let home: string

beforeAll(async () => {
  provider = await IdentityProvider.start()
  provider.people.set('ann', { email: 'ann@example.test', email_verified: true, groups: ['shop'] })
  provider.people.set('bob', { groups: ['others'] })
  rig = await startApi({ loginRules: { ...RULES, issuer: provider.issuer } })
})
afterAll(async () => {
  await rig.stop()
  await provider.stop()
})
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fairlead-login-'))
})
afterEach(() => {
  rmSync(home, { recursive: true })
})

const dirOf = () => join(home, '.local/state/fairlead')

/** In this process; what it printed so far is in `io`. */
function begin(args: readonly string[], environment: Record<string, string> = {}) {
  const io = fakeIo({
    environment: { FAIRLEAD_URL: rig.control.url, ...environment },
    workingDirectory: home,
    homeDirectory: home,
  })
  return { io, done: runCommandLine(args, io) }
}

async function run(...args: readonly string[]): Promise<FakeIo> {
  const { io, done } = begin(args)
  await done
  return io
}

const printedUrl = (text: () => string) =>
  eventually(() => {
    const url = /^ {2}(http\S+)$/m.exec(text())?.[1]
    if (url === undefined) throw new Error(`no address yet: ${text()}`)
    return url
  })

it('logs in with a browser, keeps the token for later commands, and logs out', async () => {
  const { PATH } = process.env
  const env = { PATH, HOME: home }
  const child = spawn(FAIRLEAD, ['login', '--url', rig.control.url], { env, cwd: home })
  const exited = once(child, 'exit')
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const url = new URL(await printedUrl(() => stderr))
  const { searchParams: asked } = url
  const back = asked.get('redirect_uri') ?? ''
  expect(Object.fromEntries(asked)).toMatchObject({
    ...{ response_type: 'code', client_id: CLIENT_ID, code_challenge_method: 'S256' },
    redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/) as string,
    ...{ scope: 'openid email groups', state: expect.stringMatching(/^.{40,}$/) as string },
    nonce: expect.stringMatching(/^.{40,}$/) as string,
  })
  // Another page on this machine cannot end it.
  for (const bad of ['?code=x&state=wrong', '?error=access_denied', ''])
    expect((await fetch(`${back}${bad}`)).status).toBe(404)
  expect(await browse(url.href, 'ann')).toBe(
    'Fairlead has what it needs: close this page and go back to the terminal.\n',
  )
  expect(await exited).toEqual([0, null])
  expect(stdout).toMatch(
    /^logged in {2}oidc:ann@example\.test, editor for zones shop\.test; pools shop-\*, until 20.*\nwritten {4}.*\/token\n$/,
  )
  expect(stderr).not.toMatch(/note:|error/)
  expect(statSync(dirOf()).mode & 0o777).toBe(0o700)
  for (const file of readdirSync(dirOf())) expect(statSync(join(dirOf(), file)).mode & 0o777).toBe(0o600)

  const who = await run('whoami')
  expect(who.stdout.text).toMatch(
    /^name {5}oidc:ann@example\.test\nrole {5}editor\nscope {4}zones shop\.test; pools shop-\*\n/,
  )
  const token = readFileSync(join(dirOf(), 'token'), 'utf8').trim()
  expect(await run('logout')).toMatchObject({
    exitCode: EXIT.ok,
    stdout: { text: 'logged out  the token is revoked\n' },
  })
  expect(readdirSync(dirOf())).toEqual([])
  const reply = await rig.send('GET', '/v1/whoami', { headers: { authorization: `Bearer ${token}` } })
  expect(reply.status).toBe(401)
  expect((await run('logout')).exitCode).toBe(EXIT.badInput)
})

it('logs in with a browser elsewhere, with JSON for the outcome, and only for as long as asked', async () => {
  const { io, done } = begin(['login', '--device', '--json', '--expires', '10m'])
  const url = await eventually(() => {
    const found = /^or open (\S+)$/m.exec(io.stderr.text)?.[1]
    if (found === undefined) throw new Error(`no address yet: ${io.stderr.text}`)
    return found
  })
  expect(io.stderr.text).toMatch(
    /^logging in to \S+ \(FAIRLEAD_URL\)\nopen http\S+\/device in a browser on any machine, and type this code there:\n {2}[A-Z]{4}-[A-Z]{4}\n/,
  )
  await browse(url, 'ann')
  await done
  expect(io.exitCode).toBe(EXIT.ok)
  const outcome = JSON.parse(io.stdout.text) as { expiresAtMs: number }
  expect(outcome).toMatchObject({
    ...{ url: rig.control.url, name: 'oidc:ann@example.test', role: 'editor' },
    tokenFile: join(dirOf(), 'token'),
  })
  expect(outcome.expiresAtMs).toBeLessThanOrEqual(Date.now() + 600_000)
})

it('says why not: no group of the mappings, or somebody who did not want to', async () => {
  const denied = begin(['login'])
  await browse(await printedUrl(() => denied.io.stderr.text), 'bob')
  await denied.done
  expect(denied.io.exitCode).toBe(EXIT.denied)
  expect(denied.io.stderr.text).toContain(
    "oidc:bob: the claim 'groups' holds 'others': no mapping is for one of them",
  )
  const aborted = begin(['login'])
  await browse(await printedUrl(() => aborted.io.stderr.text), null)
  await aborted.done
  expect(aborted.io.exitCode).toBe(EXIT.failure)
  expect(aborted.io.stderr.text).toContain(`${provider.issuer} refused the login (access_denied`)
  expect(readdirSync(dirOf())).toEqual([])
})

it('ends by Ctrl-C and after its time, and leaves nothing', async () => {
  for (const device of [[], ['--device']]) {
    const { io, done } = begin(['login', ...device])
    await eventually(() => {
      expect(io.stderr.text).toMatch(/^ {2}\S+$/m)
    })
    io.interrupt()
    await done
    expect([io.exitCode, io.stderr.text]).toEqual([
      EXIT.failure,
      expect.stringContaining('fairlead: the login was interrupted\n'),
    ])
  }
  const late = begin(['login', '--timeout', '1s'])
  const back = new URL(await printedUrl(() => late.io.stderr.text)).searchParams.get('redirect_uri') ?? ''
  await late.done
  expect([late.io.exitCode, late.io.stderr.text]).toEqual([
    EXIT.failure,
    expect.stringContaining('nobody logged in within 1s\n'),
  ])
  await expect(fetch(back)).rejects.toThrow('fetch failed')
  expect(readdirSync(dirOf())).toEqual([])
})

it('goes to no other provider than the one that was said, and writes over nothing of others', async () => {
  const other = await run('login', '--issuer', 'https://login.example.test')
  expect([other.exitCode, other.stderr.text]).toEqual([
    EXIT.badInput,
    expect.stringContaining(
      `names the issuer '${provider.issuer}', and 'https://login.example.test' is expected`,
    ),
  ])
  const taken = join(home, 'taken')
  mkdirSync(taken)
  writeFileSync(join(taken, 'control.sqlite'), '')
  const refused = await run('login', '--data-dir', taken)
  expect([refused.exitCode, refused.stderr.text]).toEqual([
    EXIT.fileAccess,
    expect.stringContaining('name a directory of your own'),
  ])
  expect(readdirSync(taken)).toEqual(['control.sqlite'])
})

it('says when other commands would take another token first', async () => {
  const { io, done } = begin(['login'], { FAIRLEAD_TOKEN: 'of-something-else' })
  await browse(await printedUrl(() => io.stderr.text), 'ann')
  await done
  expect(io.exitCode).toBe(EXIT.ok)
  expect(io.stderr.text).toContain('note: commands here find another token')
})

it('asks no control that only a file in this folder names, and says which it asks', async () => {
  mkdirSync(join(home, '.fairlead'))
  writeFileSync(join(home, '.fairlead/api-url'), 'http://127.0.0.1:1\n')
  const planted = begin(['login'], { FAIRLEAD_URL: '' })
  await planted.done
  expect(planted.io.stderr.text).toContain('name the control with --url, once')
  const first = begin(['login'])
  const page = await printedUrl(() => first.io.stderr.text)
  expect(first.io.stderr.text).toContain(`logging in to ${rig.control.url} (FAIRLEAD_URL)\nopen this`)
  await browse(page, 'ann')
  await first.done
  // The same control as before, whatever this folder says.
  const again = begin(['login'], { FAIRLEAD_URL: '' })
  await browse(await printedUrl(() => again.io.stderr.text), 'ann')
  await again.done
  expect([again.io.exitCode, again.io.stderr.text]).toEqual([
    EXIT.ok,
    expect.stringContaining(`logging in to ${rig.control.url} (${join(dirOf(), 'api-url')})\n`),
  ])
  expect(readFileSync(join(dirOf(), 'api-url'), 'utf8')).toBe(`${rig.control.url}/\n`)
})

it('takes the place of the login before, whose token ends or is told to live on, and removes one that has ended', async () => {
  const logIn = async () => {
    const { io, done } = begin(['login'])
    await browse(await printedUrl(() => io.stderr.text), 'ann')
    await done
    expect(io.exitCode).toBe(EXIT.ok)
    return { said: io.stderr.text, token: readFileSync(join(dirOf(), 'token'), 'utf8').trim() }
  }
  const first = await logIn()
  const second = await logIn()
  expect([first, second].map(({ said }) => said.includes('note:'))).toEqual([false, false])
  const statusOf = async ({ token }: { token: string }) =>
    (await rig.send('GET', '/v1/whoami', { headers: { authorization: `Bearer ${token}` } })).status
  expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200])
  // Its control is gone.
  writeFileSync(join(dirOf(), 'api-url'), 'http://127.0.0.1:1\n')
  expect((await logIn()).said).toContain('note: the token of the login before is good until it ends')
  expect(await statusOf(second)).toBe(200)
  const { items } = (await rig.send('GET', '/v1/tokens')).body as { items: { id: string; name: string }[] }
  for (const { id, name } of items) if (name.startsWith('oidc:')) await rig.send('DELETE', `/v1/tokens/${id}`)
  const ended = await run('whoami')
  expect([ended.exitCode, ended.stderr.text]).toEqual([
    EXIT.denied,
    expect.stringContaining("log in with 'fairlead login'"),
  ])
  expect((await run('logout')).stdout.text).toBe('logged out  the token is gone from here\n')
  expect(readdirSync(dirOf())).toEqual([])
})

it('is refused by a control that was not asked, whoever passes on to it what they were sent', async () => {
  const relay = await Relay.start(() => rig.control.url)
  try {
    const { io, done } = begin(['login', '--url', relay.url])
    await browse(await printedUrl(() => io.stderr.text), 'ann')
    await done
    expect([io.exitCode, io.stderr.text]).toEqual([
      EXIT.denied,
      expect.stringContaining('the ID token was asked for at another address than those of this control'),
    ])
    expect(readdirSync(dirOf())).toEqual([])
  } finally {
    await relay.stop()
  }
})

it('believes the API by the authority of the cluster, and the provider by those of the system', async () => {
  using cluster = new CertificateAuthority()
  using web = new CertificateAuthority()
  // Of this process, in which the control is, and which is at the browser.
  const system = getCACertificates('default')
  setDefaultCACertificates([...system, readFileSync(web.caFile, 'utf8')])
  const own = await IdentityProvider.start(web.issue('provider', ['IP:127.0.0.1']))
  own.people.set('ann', { groups: ['shop'] })
  const api = await Relay.start(() => control.control.url, cluster.issue('api', ['IP:127.0.0.1']))
  const control = await startApi({ loginRules: { ...RULES, issuer: own.issuer, addresses: [api.url] } })
  try {
    const env = { PATH: process.env['PATH'], HOME: home, NODE_EXTRA_CA_CERTS: web.caFile }
    const child = spawn(FAIRLEAD, ['login', '--url', api.url, '--ca-file', cluster.caFile], {
      env,
      cwd: home,
    })
    const exited = once(child, 'exit')
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    await browse(await printedUrl(() => stderr), 'ann')
    expect([await exited, stderr]).toEqual([[0, null], expect.not.stringContaining('note:')])
    expect(readFileSync(join(dirOf(), 'api-ca.pem'), 'utf8')).toBe(readFileSync(cluster.caFile, 'utf8'))
  } finally {
    await api.stop()
    await control.stop()
    await own.stop()
    setDefaultCACertificates(system)
  }
})

it('says that the provider is away, and logs out without a control only when it is told to', async () => {
  const { io, done } = begin(['login'])
  await browse(await printedUrl(() => io.stderr.text), 'ann')
  await done
  await provider.stop()
  const away = await run('login')
  expect([away.exitCode, away.stderr.text]).toEqual([
    EXIT.unreachable,
    expect.stringContaining(`the identity provider ${provider.issuer} does not answer`),
  ])
  await rig.control.stop()
  expect((await run('logout')).exitCode).toBe(EXIT.unreachable)
  expect(readdirSync(dirOf())).toContain('token')
  expect(await run('logout', '--force')).toMatchObject({ exitCode: EXIT.ok })
  expect(readdirSync(dirOf())).toEqual([])
})
