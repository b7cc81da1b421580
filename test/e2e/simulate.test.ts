/** A simulation by command line and API: drafts and faults, seen by clients; nothing is touched. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/core/exit-code.ts'
import { simulationSchema, type Simulation } from '../../src/core/views/simulation.ts'
import { CliRig, CONFIGURATION } from './cli-rig.ts'
import { until } from './powerdns-rig.ts'

let rig: CliRig
const cli = (...args: string[]) => rig.run(['simulate', ...args])

beforeAll(async () => {
  rig = await CliRig.start()
  await rig.run(['apply', '-f', '-'], { input: CONFIGURATION })
  rig.report({ 'web/one': 'up', 'web/two': 'up' })
  await until('both are up', async () => (await rig.run(['status', '--json'])).stdout.includes('"up": 2'))
})
afterAll(() => rig.stop())

async function simulated(...args: string[]): Promise<Simulation> {
  return simulationSchema.parse(rig.json(await cli('--json', ...args)))
}

const STICKY = CONFIGURATION.replace('kind: weighted', 'kind: sticky')

describe('fairlead simulate', () => {
  it('says what a lost endpoint changes, as a table and as JSON, and changes nothing', async () => {
    const before = await rig.run(['export'])
    const { answers, failed, sample } = await simulated('--fail', 'web/two')
    expect({ failed, sample }).toEqual({ failed: ['web/two'], sample: 1_000 })
    expect(answers).toMatchObject([
      {
        name: 'www.example.test',
        type: 'A',
        moved: 0.75,
        before: {
          ttlSec: 30,
          shares: [
            { value: '192.0.2.2', share: 0.75 },
            { value: '192.0.2.1', share: 0.25 },
          ],
        },
        after: { ttlSec: 15, shares: [{ value: '192.0.2.1', share: 1 }] },
      },
    ])
    const table = await cli('--fail', 'web/two')
    expect(table).toMatchObject({ code: EXIT.ok, stderr: '' })
    expect(table.stdout).toMatch(/down +web\/two\n/)
    expect(table.stdout).toContain('www.example.test A: 75% of the queries get another answer')
    expect(table.stdout).toMatch(/before +192\.0\.2\.2 75%, 192\.0\.2\.1 25%, TTL 30\n/)
    expect(table.stdout).toMatch(/after +192\.0\.2\.1, TTL 15\n/)
    expect(table.stdout).toContain('1 answer would change (over 1000 clients; nothing was touched)')
    expect(await rig.run(['export'])).toEqual(before)
    expect(rig.json(await rig.run(['get', 'revisions', '--json']))).toHaveLength(1)
  })

  it('a lost site, and the all-down mode that follows', async () => {
    const [answer] = (await simulated('--fail', 'site/ams')).answers
    expect(answer?.after).toMatchObject({ rule: 'when-down', ttlSec: 15 })
    expect((await cli('--fail', 'site/ams')).stdout).toContain('nothing healthy: ')
  })

  it('a draft, for the clients that are named or listed in a file', async () => {
    writeFileSync(join(rig.folder, 'draft.yaml'), STICKY)
    writeFileSync(join(rig.folder, 'clients.txt'), '# offices\n198.51.100.7\n\n2001:DB8::7 # six\n')
    const draft = await simulated('-f', 'draft.yaml', '--clients', '203.0.113.9,@clients.txt')
    expect(draft).toMatchObject({ changes: 1, sample: 3 })
    const clients = draft.answers[0]?.clients ?? []
    expect(clients.map(({ client }) => client)).toEqual(['203.0.113.9', '198.51.100.7', '2001:db8::7'])
    for (const { before, after } of clients) expect([before.length, after.length]).toEqual([2, 1])
    const fault = await simulated('-f', 'draft.yaml', '--fail', 'web/two', '--clients', '203.0.113.9')
    expect(fault.answers[0]?.clients[0]?.after).toEqual(['192.0.2.1'])
    const table = await cli('-f', 'draft.yaml', '--clients', '203.0.113.9')
    expect(table.stdout).toMatch(/draft +1 resource changed/)
    expect(table.stdout).toMatch(/CLIENT +BEFORE +AFTER +MOVED\n +203\.0\.113\.9 +192\.0\.2\.1, 192\.0\.2\.2/)
  })

  it('shows what was named, changed or not', async () => {
    expect((await simulated()).answers).toEqual([])
    expect((await simulated('--name', 'www.example.test')).answers).toMatchObject([
      { isChanged: false, moved: 0 },
    ])
    expect((await cli()).stdout).toContain('no answer would change')
  })

  it('reports the faults of a draft as apply does, with their places in the file', async () => {
    writeFileSync(join(rig.folder, 'bad.yaml'), STICKY.replace('pools: [web]', 'pools: [wep]'))
    const [simulation, apply] = [await cli('-f', 'bad.yaml'), await rig.run(['apply', '-f', 'bad.yaml'])]
    expect(simulation.code).toBe(EXIT.badInput)
    expect(simulation.stderr).toContain("there is no pool 'wep', did you mean 'web'?")
    expect(simulation.stderr).toBe(apply.stderr)
  })

  it('refuses what it does not know, all at once', async () => {
    const unknown = await cli('--fail', 'web/too,site/amss,nonsense', '--name', 'gone.example.test')
    expect(unknown.code).toBe(EXIT.badInput)
    expect(unknown.stderr).toContain("/fail/0: there is no endpoint 'web/too', did you mean 'web/two'?")
    expect(unknown.stderr).toContain("/fail/1: there is no site 'amss', did you mean 'ams'?")
    expect(unknown.stderr).toContain("/fail/2: 'POOL/ENDPOINT', 'pool/POOL' or 'site/SITE' is expected")
    expect(unknown.stderr).toContain("/names/0: there is no load balancer 'gone.example.test'")
    const clients = await cli('--clients', '1.2.3,192.0.2.1/24')
    expect(clients.code).toBe(EXIT.badInput)
    expect(clients.stderr).toContain("'1.2.3' is not an IP address")
    expect(clients.stderr).toContain("'192.0.2.1/24' is a prefix")
  })
})
