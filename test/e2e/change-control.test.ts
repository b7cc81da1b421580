/** What stands between a request and a revision: safety rules, approvals of a second person; and comparing what came of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEntryView } from '../../src/core/views/audit.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import { CliRig, CONFIGURATION } from './cli-rig.ts'

let rig: CliRig
const tokens = new Map<string, string>()
beforeAll(async () => {
  rig = await CliRig.start()
  expect((await run('apply', '-f', '-')).code).toBe(EXIT.ok)
  for (const name of ['ann', 'bob', 'eve']) {
    const role = name === 'eve' ? 'operator' : 'editor'
    tokens.set(name, (await run('token', 'create', name, '--role', role)).stdout.trim())
  }
})
afterAll(() => rig.stop())

const run = (...args: string[]) => rig.run(args, { input: CONFIGURATION })

/** As the owner of a token. */
const as =
  (name: string) =>
  (...args: string[]) =>
    rig.run(args, {
      input: CONFIGURATION,
      environment: { FAIRLEAD_URL: rig.url, FAIRLEAD_TOKEN: tokens.get(name) ?? '' },
    })
const [ann, bob, eve] = ['ann', 'bob', 'eve'].map(as) as [typeof run, typeof run, typeof run]

const head = async () => {
  const { stdout } = await run('get', 'revisions', '--limit', '1', '--json')
  return (JSON.parse(stdout) as { number: number; author: string }[])[0]!
}
const audit = async () =>
  JSON.parse((await run('audit', '--limit', '500', '--json')).stdout) as AuditEntryView[]

/** With the rule as an admin's files hold it. */
const RULE = `rules:
  - {name: two-web, kind: endpoints-in-service, pools: [web], atLeast: 2, message: 'the web pool needs both: ask the web team'}
`
const apply = (text: string, ...more: string[]) => rig.run(['apply', '-f', '-', ...more], { input: text })

describe('a safety rule', () => {
  it('is an admin’s to write', async () => {
    expect(
      await rig.run(['apply', '-f', '-'], {
        input: RULE,
        environment: { FAIRLEAD_URL: rig.url, FAIRLEAD_TOKEN: tokens.get('ann')! },
      }),
    ).toMatchObject({ code: EXIT.denied })
    expect(await apply(RULE)).toMatchObject({ code: EXIT.ok })
    expect((await run('get', 'rules')).stdout).toContain('two-web')
    // In a file of somebody else it may stand as it is.
    const { stdout: all } = await run('export')
    const environment = { FAIRLEAD_URL: rig.url, FAIRLEAD_TOKEN: tokens.get('ann')! }
    const unchanged = await rig.run(['apply', '-f', '-'], { input: all, environment })
    expect(unchanged).toMatchObject({ code: EXIT.ok })
    const weaker = all.replace('atLeast: 2', 'atLeast: 1')
    expect(await rig.run(['apply', '-f', '-'], { input: weaker, environment })).toMatchObject({
      code: EXIT.denied,
    })
  })

  it.each([
    ['drain', 'endpoint/web/one', '--reason', 'disk', '--force'],
    ['override', 'web/one', 'down', '--reason', 'disk'],
    ['delete', 'endpoint', 'web/one'],
    ['drain', 'site/ams', '--reason', 'power', '--force'],
  ])('stops `%s %s` with its own message, and nothing changes', async (...args) => {
    const before = await head()
    const result = await ann(...args)
    expect(result.code).toBe(EXIT.badInput)
    expect(result.stderr).toMatch(
      /the web pool needs both: ask the web team \(rule 'two-web': [01] endpoints of the pool 'web' would be in service, at least 2 have to be\)/,
    )
    expect(await head()).toEqual(before)
  })

  it('is overruled with a reason, which is in the audit log', async () => {
    const glass = ['--break-glass', 'the disk burns']
    expect(await eve('override', 'web/one', 'down', '--reason', 'disk', ...glass)).toMatchObject({
      code: EXIT.ok,
    })
    const { number } = await head()
    const entry = (await audit()).find(({ revision }) => revision === number)
    expect(entry).toMatchObject({ actor: 'eve', outcome: 'done' })
    expect(entry?.detail).toContain('broke the glass of two-web: the disk burns')
    expect(await eve('override', 'clear', 'web/one')).toMatchObject({ code: EXIT.ok })
  })

  it('does not stand in the way of what breaks nothing', async () => {
    expect(await ann('apply', '-f', '-')).toMatchObject({ code: EXIT.ok })
    expect(await apply(`sites: [{name: fra}]`)).toMatchObject({ code: EXIT.ok })
  })

  it('goes, and what it stopped may be done', async () => {
    expect(await ann('delete', 'rule', 'two-web')).toMatchObject({ code: EXIT.denied })
    expect(await run('delete', 'rule', 'two-web')).toMatchObject({ code: EXIT.ok })
    expect(await eve('override', 'web/one', 'down', '--reason', 'disk')).toMatchObject({ code: EXIT.ok })
    expect(await eve('override', 'clear', 'web/one')).toMatchObject({ code: EXIT.ok })
  })
})

describe('what is protected', () => {
  const idIn = (stdout: string) => /^proposed +as (\S+),/m.exec(stdout)?.[1] ?? ''
  const zone = (text: string) => CONFIGURATION.replace("values: ['hello']", `values: ['${text}']`)
  const applyAs = (name: string, text: string) =>
    rig.run(['apply', '-f', '-', '-m', text], {
      input: zone(text),
      environment: { FAIRLEAD_URL: rig.url, FAIRLEAD_TOKEN: tokens.get(name)! },
    })

  it('changes only when somebody else has approved: exactly what was shown', async () => {
    expect(await ann('protect', 'zone/example.test', '--reason', 'the shop')).toMatchObject({ code: EXIT.ok })
    const before = await head()
    const proposed = await applyAs('ann', 'first')
    const id = idIn(proposed.stdout)
    expect(proposed).toMatchObject({ code: EXIT.proposed })
    expect(proposed.stdout).toContain(
      "zone/example.test is protected: somebody else approves it with 'fairlead proposals approve",
    )
    expect(await head()).toEqual(before)
    expect((await run('get', 'zone', 'example.test')).stdout).toContain('hello')
    expect((await bob('proposals', 'list')).stdout).toMatch(
      new RegExp(`${id} .*ann .*open .*zone/example.test .*first`),
    )
    expect((await bob('proposals', 'show', id)).stdout).toMatch(/- .*"hello"[^]*\+ .*"first"/)
    const own = await ann('proposals', 'approve', id)
    expect(own).toMatchObject({ code: EXIT.denied })
    expect(own.stderr).toContain('somebody else has to approve')
    expect(await eve('proposals', 'approve', id)).toMatchObject({ code: EXIT.denied })
    expect(await bob('proposals', 'approve', id)).toMatchObject({ code: EXIT.ok })
    expect(await head()).toMatchObject({ number: before.number + 1, author: 'ann' })
    expect((await run('get', 'zone', 'example.test')).stdout).toContain('first')
    expect(await bob('proposals', 'approve', id)).toMatchObject({ code: EXIT.badInput })
    const done = (await audit()).map(({ actor, action, detail }) => [actor, action, detail])
    expect(done).toContainEqual(['ann', 'propose', 'first'])
    expect(done).toContainEqual(['ann', 'change', "first; approved by 'bob'"])
    expect(done).toContainEqual(['bob', 'proposal approved', expect.stringContaining(id)])
  })

  it('is proposed again when something that it touches has changed meanwhile', async () => {
    const [one, two] = [
      idIn((await applyAs('ann', 'one')).stdout),
      idIn((await applyAs('ann', 'two')).stdout),
    ]
    expect(one).not.toBe(two)
    expect(await bob('proposals', 'approve', two)).toMatchObject({ code: EXIT.ok })
    const late = await bob('proposals', 'approve', one)
    expect(late).toMatchObject({ code: EXIT.badInput })
    expect(late.stderr).toContain('has changed since it was proposed: propose it again')
    expect((await run('get', 'zone', 'example.test')).stdout).toContain('two')
    expect(await ann('proposals', 'reject', one, '--reason', 'too late')).toMatchObject({ code: EXIT.ok })
    expect((await run('proposals', 'list')).stdout).toContain('no open proposals')
    expect((await run('proposals', 'list', '--all')).stdout).toMatch(/rejected/)
  })

  it('asked for once more under its id is the same proposal; rejected, it says so', async () => {
    const ask = async () => {
      const headers = { authorization: `Bearer ${tokens.get('ann')!}`, 'content-type': 'application/json' }
      const changes = [{ op: 'delete', kind: 'loadBalancer', name: 'www.example.test' }]
      const body = JSON.stringify({ id: 'fixed-id-1', changes })
      const reply = await fetch(`${rig.url}/v1/change-sets`, { method: 'POST', headers, body })
      return { status: reply.status, body: await reply.json() }
    }
    for (let tries = 0; tries < 2; tries += 1)
      expect(await ask()).toMatchObject({ status: 202, body: { proposal: 'fixed-id-1' } })
    expect(await bob('proposals', 'reject', 'fixed-id-1', '--reason', 'not now')).toMatchObject({
      code: EXIT.ok,
    })
    expect(await ask()).toMatchObject({
      status: 412,
      body: { detail: "the proposal 'fixed-id-1' was rejected: not now" },
    })
  })

  it('with what is in it: a load balancer of the zone; not its drains', async () => {
    const deleted = await ann('delete', 'lb', 'www.example.test')
    expect(deleted).toMatchObject({
      code: EXIT.proposed,
      stdout: expect.stringMatching(/^proposed/) as unknown,
    })
    expect((await run('get', 'lb', 'www.example.test')).code).toBe(EXIT.ok)
    expect(await eve('drain', 'endpoint/web/one', '--reason', 'disk')).toMatchObject({ code: EXIT.ok })
    // Its options are its own, although `drain` has them too.
    const cancelled = await eve('drain', 'cancel', 'endpoint/web/one', '--json')
    expect(JSON.parse(cancelled.stdout)).toEqual({ cancelled: 'endpoint/web/one' })
    const reply = await ann('delete', 'lb', 'www.example.test', '--json')
    expect(JSON.parse(reply.stdout)).toMatchObject({
      outcome: 'proposed',
      needsApproval: ['zone/example.test'],
    })
  })

  it('says so in a dry run, and a rollback waits as well', async () => {
    const dry = await rig.run(['apply', '-f', '-', '--dry-run'], { input: zone('dry') })
    expect(dry.stdout).toContain('it would wait for an approval: zone/example.test is protected')
    expect(await ann('rollback', '1')).toMatchObject({
      code: EXIT.proposed,
      stdout: expect.stringContaining('proposed') as unknown,
    })
  })

  it('stays so until somebody else approves of the end', async () => {
    const id = idIn((await ann('protect', 'clear', 'zone/example.test')).stdout)
    expect((await run('get', 'protections')).stdout).toContain('zone/example.test')
    expect(await bob('proposals', 'approve', id)).toMatchObject({ code: EXIT.ok })
    expect((await run('get', 'protections')).stdout).toContain('no protections')
    expect((await applyAs('ann', 'free')).stdout).toContain('applied as revision')
  })

  it('bad names are refused with what is expected; what is not there cannot be protected', async () => {
    expect((await ann('protect', 'pool', '--reason', 'x')).stderr).toContain("'zone/NAME'")
    expect((await ann('protect', 'pool/nope', '--reason', 'x')).stderr).toContain("there is no pool 'nope'")
    expect((await ann('protect', 'pool/web')).stderr).toContain('--reason')
    expect((await ann('proposals', 'approve', 'nope')).stderr).toContain("there is no proposal 'nope'")
  })
})

describe('compare', () => {
  it('shows what is different, both ways, and what came back the same is none', async () => {
    const from = (await head()).number
    await apply(`sites: [{name: lon, country: GB}]`)
    await apply(`sites: [{name: lon, country: FR}, {name: par}]`)
    expect(await run('delete', 'site', 'par')).toMatchObject({ code: EXIT.ok })
    const forth = await run('compare', String(from))
    expect(forth).toMatchObject({ code: EXIT.differs })
    expect(forth.stdout).toMatch(/^\+ site lon\n[^]*\+ country: "FR"/)
    expect(forth.stdout).not.toContain('par')
    expect((await run('compare', String(from + 3), String(from))).stdout).toMatch(/^- site lon$/m)
    expect((await run('compare', String(from + 1), String(from + 2))).stdout).toMatch(
      /~ site lon\n {4}- country: "GB"\n {4}\+ country: "FR"\n\+ site par/,
    )
    expect(await run('compare', String(from), String(from))).toMatchObject({ code: EXIT.ok })
    expect(await run('compare', '999999')).toMatchObject({ code: EXIT.badInput })
    expect(await run('compare', 'x')).toMatchObject({ code: EXIT.badInput })
  })
})

describe('whoami and audit', () => {
  it('show who this is, and what was done and denied', async () => {
    expect((await eve('whoami')).stdout).toMatch(
      /name +eve\nrole +operator\nscope +everything\nexpires +never\n/,
    )
    expect(await eve('audit')).toMatchObject({ code: EXIT.denied })
    const lines = (await run('audit', '--since', '1h', '--json-lines')).stdout.trim().split('\n')
    const entries = lines.map((line) => JSON.parse(line) as AuditEntryView)
    expect(entries.length).toBeGreaterThan(20)
    expect(entries.filter(({ outcome }) => outcome === 'denied').length).toBeGreaterThan(0)
    const denied = await run('audit', '--since', '1h', '--denied')
    expect(
      denied.stdout
        .split('\n')
        .slice(1, -1)
        .every((line) => line.includes('denied')),
    ).toBe(true)
  })
})
