/** What the command line shows of a real control, and what it deletes there. Checkers are played by frames. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { EXIT } from '../../src/core/exit-code.ts'
import { CliRig, CONFIGURATION } from './cli-rig.ts'

let rig: CliRig
const cli = (...args: string[]) => rig.run(args)
const pipe = (input: string, ...args: string[]) => rig.run(args, { input })

beforeAll(async () => {
  rig = await CliRig.start()
  await rig.run(['apply', '-f', '-', '-m', 'the beginning'], { input: CONFIGURATION })
})

afterAll(async () => {
  await rig.stop()
})

describe('looking', () => {
  it('shows every kind as a table and as JSON', async () => {
    const kinds: [string, RegExp][] = [
      ['sites', /^NAME +COUNTRY.*\nams +-/],
      ['zone', /example\.test +300 +1 +ns\.elsewhere\.test/],
      ['monitors', /alive +http +5000ms +1000ms +2 +3 +GET \//],
      ['pools', /web +2 +alive/],
      ['endpoints', /web +two +192\.0\.2\.2 +80 +ams +3 +yes/],
      ['lb', /www\.example\.test +example\.test +weighted +web +30 +last-healthy/],
      ['revisions', /1 +20.*Z +\S.* +7 +the beginning/],
      ['nameservers', /no nameservers/],
    ]
    for (const [kind, line] of kinds) {
      const table = await cli('get', kind)
      expect(table).toMatchObject({ code: EXIT.ok, stderr: '' })
      expect(table.stdout).toMatch(line)
      expect(Array.isArray(rig.json(await cli('get', kind, '--json')))).toBe(true)
    }
  })

  it('shows one resource as YAML that is part of a file', async () => {
    expect(parse((await cli('get', 'pool', 'web')).stdout)).toMatchObject({
      name: 'web',
      monitors: ['alive'],
    })
    expect(parse((await cli('get', 'endpoint', 'web/two')).stdout)).toMatchObject({ address: '192.0.2.2' })
    expect(rig.json(await cli('get', 'endpoints', 'web', '--json'))).toHaveLength(2)
    expect(rig.json(await cli('get', 'revision', '1', '--json'))).toMatchObject({
      number: 1,
      message: 'the beginning',
    })
  })

  it('says what it does not know', async () => {
    expect((await cli('get', 'pol')).stderr).toContain("'pol' is no kind, did you mean 'pool'?")
    const absent = await cli('get', 'pool', 'nothing')
    expect(absent.code).toBe(EXIT.badInput)
    expect(absent.stderr).toContain('nothing')
    for (const name of ['web', 'web/', 'a/b/c', '../..'])
      expect((await cli('delete', 'endpoint', name)).code).toBe(EXIT.badInput)
    expect((await cli('get', 'site', '..')).code).toBe(EXIT.badInput)
  })

  it('explains an answer down to votes and probes, with no control characters of the probed', async () => {
    rig.report({ 'web/one': 'up', 'web/two': 'up' })
    rig.report({ 'web/one': 'down', 'web/two': 'up' })
    const result = await cli('explain', 'www.example.test', '--client', '192.0.2.99')
    expect(result).toMatchObject({ code: EXIT.ok, stderr: '' })
    expect(result.stdout).toContain('www.example.test A (for the client 192.0.2.99)')
    expect(result.stdout).toMatch(/answer +NOERROR 192\.0\.2\.2, TTL 15/)
    expect(result.stdout).toMatch(/web\/one +192\.0\.2\.1 +ams +1 +no +down +no/)
    expect(result.stdout).toMatch(/verdict +down.*quorum-down/)
    expect(result.stdout).toMatch(/vote +ams: down \(c1 down/)
    expect(result.stdout).toMatch(
      /probe +alive by c1: failure, connection \?\[31mrefused, 1\.5 ms \(connect 0\.5\)/,
    )
    expect(rig.json(await cli('explain', 'example.test', '--type', 'txt', '--json'))).toMatchObject({
      kind: 'static',
      answer: { values: ['"hello"'] },
    })
    expect((await cli('explain', 'www.example.test', '--client', '999.1.1.1')).code).toBe(EXIT.badInput)
    expect((await cli('explain', 'www.example.test', '--type', 'AAAAA')).code).toBe(EXIT.badInput)
  })

  it('shows the status, and exits 3 when it needs an operator', async () => {
    const result = await cli('status')
    expect(result.stdout).toMatch(/web\/one +192\.0\.2\.1 +80 +ams +down/)
    expect(result.stdout).toMatch(/c1 +ams +(live|silent)/)
    const asJson = await cli('status', '--json')
    const status = rig.json(asJson) as { healthy: boolean; revision: number }
    expect(asJson.code).toBe(status.healthy ? EXIT.ok : EXIT.differs)
    expect(status.revision).toBeGreaterThan(0)
  })
})

describe('deleting', () => {
  it('is refused with the list of what refers to it', async () => {
    const result = await cli('delete', 'site', 'ams')
    expect(result.code).toBe(EXIT.badInput)
    expect(result.stderr).toContain('web/one')
    expect((await cli('delete', 'revisions', '1')).code).toBe(EXIT.badInput)
  })

  it('works for what nothing refers to', async () => {
    const text = 'pools: [{name: spare, endpoints: [{name: x, address: "2001:db8::1", port: 1, site: ams}]}]'
    await pipe(text, 'apply', '-f', '-')
    expect((await cli('delete', 'endpoint', 'spare/x')).stdout).toBe('deleted    endpoint spare/x\n')
    expect(rig.json(await cli('delete', 'pools', 'spare', '--json'))).toEqual({
      deleted: { kind: 'pool', name: 'spare' },
    })
    expect((await cli('delete', 'pool', 'spare')).code).toBe(EXIT.badInput)
  })
})

describe('tokens', () => {
  it('are made, used, listed and revoked', async () => {
    const created = await cli('token', 'create', 'deploy')
    const secret = created.stdout.trim()
    expect(secret).toMatch(/^\S{30,}$/)
    const withToken = { environment: { FAIRLEAD_URL: rig.url, FAIRLEAD_TOKEN: secret } }
    expect((await rig.run(['get', 'sites'], withToken)).code).toBe(EXIT.ok)
    const tokens = rig.json(await cli('token', 'list', '--json')) as { id: string; name: string }[]
    const id = tokens.find((one) => one.name === 'deploy')?.id ?? ''
    expect((await cli('token', 'list')).stdout).not.toContain(secret)
    expect((await cli('token', 'revoke', id)).stdout).toBe(`revoked    token ${id}\n`)
    const refused = await rig.run(['get', 'sites'], withToken)
    expect(refused.code).toBe(EXIT.denied)
    expect(refused.stderr).toContain('refused the token')
    expect(refused.stderr).not.toContain(secret)
    expect((await cli('token', 'revoke', id)).code).toBe(EXIT.badInput)
  })
})

describe('when no Fairlead answers', () => {
  it('says where it looked, or where nobody answered', async () => {
    const nowhere = { environment: {} }
    const none = await rig.run(['status'], { environment: { FAIRLEAD_DATA_DIR: rig.folder } })
    expect(none.code).toBe(EXIT.unreachable)
    expect(none.stderr).toContain(`no running Fairlead was found (looked in ${rig.folder})`)
    const refused = await rig.run(['status', '--url', 'http://127.0.0.1:1', '--token', 'x'], nowhere)
    expect(refused.code).toBe(EXIT.unreachable)
    expect(refused.stderr).toContain('http://127.0.0.1:1 (from --url): ')
    const asJson = await rig.run(['status', '--json', '--url', 'http://127.0.0.1:1', '--token', 'x'], nowhere)
    expect(JSON.parse(asJson.stdout)).toMatchObject({ error: { exitCode: EXIT.unreachable } })
  })

  it('keeps the secret of the data directory to its own address', async () => {
    const token = readFileSync(join(rig.dataDir, 'token'), 'utf8').trim()
    const elsewhere = await cli('status', '--url', 'http://127.0.0.1:1')
    expect(elsewhere.code).toBe(EXIT.unreachable)
    expect(elsewhere.stderr).toContain('no token for http://127.0.0.1:1')
    expect(elsewhere.stderr + elsewhere.stdout).not.toContain(token)
  })
})
