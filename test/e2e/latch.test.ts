/**
 * A latch over several nameservers: each keeps its own, control makes it known to those that know nothing, and a failback is for
 * all. Every part a process of its own.
 */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cluster } from './harness/cluster.ts'

const cluster = new Cluster()

/** The first endpoint answers, and the second one when it is gone. */
function document(): string {
  const [first, second] = cluster.endpoints
  if (first === undefined || second === undefined) throw new Error('two endpoints were started')
  const rest = cluster.document().replace(/ {6}- \{ name: e2[^\n]*\n/, '')
  return rest
    .replace(
      'loadBalancers:',
      [
        '  - name: spare',
        '    monitors: [web]',
        '    endpoints:',
        `      - { name: e2, address: ${second.address}, port: ${second.port}, site: ams }`,
        'loadBalancers:',
      ].join('\n'),
    )
    .replace(
      '{ kind: all, pools: [web] }',
      '{ kind: failover, tiers: [{ pool: web }, { pool: spare }], latch: true }',
    )
}

beforeAll(async () => {
  await cluster.start({ controls: 2, endpoints: 2 })
  await cluster.apply(document())
})

afterAll(() => cluster.stop())

describe('a latch over several nameservers', () => {
  it('all fail over, and stay when the first one is back; also those that know nothing, and all after a restart', async () => {
    const [first, second] = cluster.endpoints
    if (first === undefined || second === undefined) throw new Error('two endpoints were started')
    await cluster.answers([first])
    await first.kill()
    await cluster.answers([second])
    await first.start()
    await cluster.isUp('web/e1')
    await cluster.answers([second])

    // One that lost its disk learns of it from the feed, before it answers.
    const [rebuilt, ...others] = cluster.nameservers
    if (rebuilt === undefined) throw new Error('nameservers were started')
    await rebuilt.process.end()
    rmSync(rebuilt.process.dataDir, { recursive: true })
    await rebuilt.process.start()
    await cluster.answers([second], [rebuilt])

    // Without any control each keeps its own.
    for (const control of cluster.controls) await control.end()
    for (const { process } of others) await process.end()
    for (const { process } of others) await process.start()
    await cluster.answers([second])
    for (const control of cluster.controls) await control.start()
  })

  it('a failback is for all of them, by any control', async () => {
    const [first, second] = cluster.endpoints
    const control = cluster.controls[1]
    if (first === undefined || second === undefined || control === undefined)
      throw new Error('two endpoints and two controls were started')
    await cluster.isUp('web/e1')
    expect(await cluster.cli(control, 'failback', 'www.cluster.test')).toMatchObject({ code: 0 })
    await cluster.answers([first])
  })
})
