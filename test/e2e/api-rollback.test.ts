/** Back to an earlier revision, over HTTP and by the command line, on a real store. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runFairlead } from './harness/fairlead-process.ts'
import { startApi, type ApiRig } from './api-rig.ts'

let rig: ApiRig
beforeEach(async () => {
  rig = await startApi()
})
afterEach(() => rig.stop())

const put = async (path: string, body: unknown) => {
  const reply = await rig.send('PUT', path, { body })
  expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(300)
}
const rollback = (number: number, query = '') => rig.send('POST', `/v1/revisions/${number}/rollback${query}`)
const cli = (...args: string[]) =>
  runFairlead([...args, '--url', rig.control.url, '--token', rig.token], { dataDir: rig.dataDir })
const exported = async () => (await rig.send('GET', '/v1/export')).body

const endpoint = (name: string, address: string) => ({ name, address, port: 80, site: 'ams' })
const pool = (...endpoints: object[]) => ({ name: 'web', endpoints })
const balancer = (ttlSec: number) => ({
  ...{ name: 'www.roll.test', zone: 'roll.test', ttlSec, policy: { kind: 'all', pools: ['web'] } },
})

/** Ends at revision 4. */
async function base(): Promise<void> {
  await put('/v1/sites/ams', { name: 'ams' })
  await put('/v1/zones/roll.test', { name: 'roll.test', nameservers: ['ns1.elsewhere.test'] })
  await put('/v1/pools/web', pool(endpoint('a', '192.0.2.1'), endpoint('b', '192.0.2.2')))
  await put('/v1/load-balancers/www.roll.test', balancer(30))
}

describe('a rollback', () => {
  it('takes back what was put, changed and deleted, with what refers to it, as one new revision', async () => {
    await base()
    const then = await exported()
    await put('/v1/load-balancers/www.roll.test', balancer(60))
    await put('/v1/pools/web', pool(endpoint('b', '192.0.2.9'), endpoint('c', '192.0.2.3')))
    await put('/v1/sites/lon', { name: 'lon' })
    expect((await rig.send('DELETE', '/v1/load-balancers/www.roll.test')).status).toBe(200)
    expect((await rig.send('DELETE', '/v1/zones/roll.test')).status).toBe(200)
    expect((await rig.send('DELETE', '/v1/pools/web')).status).toBe(200)
    const dry = await rollback(4, '?dryRun=true')
    expect(dry).toMatchObject({ status: 200, body: { outcome: 'dry-run', revision: 10 } })
    expect(await exported()).not.toEqual(then)
    const reply = await rollback(4)
    expect(reply).toMatchObject({ status: 200, body: { outcome: 'committed', revision: 11 } })
    expect(await exported()).toEqual(then)
    expect((await rig.send('GET', '/v1/revisions/11')).body).toMatchObject({
      message: 'rollback to revision 4',
    })
    expect(await rollback(4)).toMatchObject({ status: 200, body: { outcome: 'unchanged', revision: 11 } })
    // And back again.
    expect((await rollback(10)).status).toBe(200)
    expect(await exported()).not.toEqual(then)
  })

  it('leaves drains and overrides as they are', async () => {
    await base()
    await put('/v1/load-balancers/www.roll.test', balancer(60))
    expect(await cli('override', 'web/a', 'down', '--reason', 'broken')).toMatchObject({ code: 0 })
    expect((await rollback(4)).status).toBe(200)
    expect((await rig.send('GET', '/v1/load-balancers/www.roll.test')).body).toMatchObject({ ttlSec: 30 })
    expect((await rig.send('GET', '/v1/overrides')).body).toMatchObject({ items: [{ state: 'forced-down' }] })
  })

  it('to what is no revision is refused, and changes nothing', async () => {
    await base()
    const before = await exported()
    expect(await rollback(99)).toMatchObject({ status: 404 })
    expect(await rollback(0)).toMatchObject({ status: 400 })
    expect(await rollback(4, '?dryrun=true')).toMatchObject({ status: 400 })
    expect(await exported()).toEqual(before)
  })

  it('is shown by the command line, resource by resource', async () => {
    await base()
    await put('/v1/sites/lon', { name: 'lon' })
    const run = (...args: string[]) => cli('rollback', ...args)
    const dry = await run('4', '--dry-run')
    expect(dry).toMatchObject({ code: 0 })
    expect(dry.stdout).toMatch(/deleted\s+site lon\n/)
    expect(dry.stdout).toContain('dry run, nothing was applied: 0 created, 0 changed, 1 deleted')
    expect((await run('4', '-m', 'lon was a mistake')).stdout).toContain('applied as revision 6')
    expect((await run('4')).stdout).toContain('nothing to change: all is as it was at revision 4')
    expect(await run('four')).toMatchObject({ code: 2 })
    expect(await run('99')).toMatchObject({ code: 2 })
  })
})
