/** What operators see of queries: shares of answers beside weights, in the API, on the command line, for Prometheus. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EXIT } from '../../src/core/exit-code.ts'
import type { Status } from '../../src/core/views/status.ts'
import type { Traffic } from '../../src/core/views/traffic.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { eventually } from './harness/eventually.ts'
import { FairleadProcess, runFairlead } from './harness/fairlead-process.ts'
import { frontChoice } from './powerdns-rig.ts'

let folder: string
const started: FairleadProcess[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-traffic-'))
})
afterAll(async () => {
  for (const one of started) await one.end()
  rmSync(folder, { recursive: true, force: true })
})

async function start(name: string, ...args: string[]): Promise<FairleadProcess> {
  const fairlead = new FairleadProcess({ dataDir: join(folder, name), dnsPort: await freePort(), args })
  started.push(fairlead)
  await fairlead.start()
  const endpoint = (label: string, address: string, weight: number) => ({
    ...{ name: label, address, weight, port: 80, site: 'ams' },
  })
  const document = {
    sites: [{ name: 'ams' }],
    zones: [{ name: 'example.test', nameservers: ['ns1.elsewhere.test'] }],
    pools: [{ name: 'web', endpoints: [endpoint('a', '192.0.2.1', 30), endpoint('b', '192.0.2.2', 70)] }],
    loadBalancers: [
      { name: 'www.example.test', zone: 'example.test', policy: { kind: 'weighted', pools: ['web'] } },
      { name: 'all.example.test', zone: 'example.test', policy: { kind: 'all', pools: ['web'] } },
    ],
  }
  const applied = await runFairlead(['apply', '-f', '-'], {
    dataDir: fairlead.dataDir,
    input: JSON.stringify(document),
  })
  expect(applied.stderr).toBe('')
  return fairlead
}

/** 500 queries a second, for as long as the promise is waited for. */
async function load(fairlead: FairleadProcess, seconds: number): Promise<void> {
  const file = join(folder, 'questions')
  writeFileSync(file, 'www.example.test A\nall.example.test A\nnobody.example.test A\nwww.example.test A\n')
  const args = [
    '-s',
    '127.0.0.1',
    '-p',
    String(fairlead.dnsPort),
    '-d',
    file,
    '-l',
    String(seconds),
    '-Q',
    '500',
  ]
  await promisify(execFile)('dnsperf', args)
}

it('shows that 30 % weight is 30 % of the answers, where a dnsdist counts', async () => {
  const { backend } = await frontChoice()
  const fairlead = await start('front', '--front', 'dnsdist', '--backend', `${backend.host}:${backend.port}`)
  await load(fairlead, 7)
  await eventually(async () => {
    const { code, stdout } = await fairlead.run('traffic', '--json')
    expect(code).toBe(EXIT.ok)
    const { nameservers, loadBalancers } = JSON.parse(stdout) as Traffic
    expect(nameservers[0]?.queriesPerSec).toBeGreaterThan(50)
    expect(nameservers[0]?.responsesPerSec['nxdomain']).toBeGreaterThan(10)
    const www = loadBalancers.find(({ name }) => name === 'www.example.test')
    expect(www?.answers.map(({ value }) => value)).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(www?.answers[0]?.share).toBeGreaterThan(0.24)
    expect(www?.answers[0]?.share).toBeLessThan(0.36)
    expect(loadBalancers.find(({ name }) => name === 'all.example.test')?.queriesPerSec).toBeGreaterThan(20)
  })
  const { stdout } = await fairlead.run('traffic')
  expect(stdout).toMatch(/www\.example\.test +A +\d+(?:\.\d)? +192\.0\.2\.1 +\d+\.\d% +30\.0%/)
  const status = JSON.parse((await fairlead.run('status', '--json')).stdout) as Status
  expect(status.nameservers[0]?.queriesPerSec).toBeGreaterThan(0)
  expect(status.nameservers[0]?.front).toMatchObject({ state: 'running', version: '1.7.3' })
  const metrics = await fairlead.metrics()
  expect(metrics).toMatch(
    /fairlead_answer_share\{load_balancer="www\.example\.test",type="A",value="192\.0\.2\.1"\} 0\.[23]/,
  )
  expect(metrics).toMatch(
    /fairlead_nameserver_responses_per_second\{nameserver="[^"]+",site="[^"]+",code="nxdomain"\} \d+/,
  )
})

it('shows the totals of PowerDNS where there is no dnsdist, and says what counts by load balancer', async () => {
  const fairlead = await start('plain')
  await load(fairlead, 7)
  await eventually(async () => {
    const { stdout } = await fairlead.run('traffic', '--json')
    const { nameservers, loadBalancers } = JSON.parse(stdout) as Traffic
    expect(nameservers[0]?.queriesPerSec).toBeGreaterThan(50)
    expect(nameservers[0]?.latencyMs).toBeGreaterThan(0)
    expect(nameservers[0]?.countsAnswers).toBe(false)
    expect(loadBalancers).toEqual([])
  })
  expect((await fairlead.run('traffic')).stdout).toContain('one with --front does')
})
