/**
 * A whole nameserver with 100,000 endpoints: the program as it is built for users, its PowerDNS beside it, fed by
 * verdict-checkers.ts over mutual TLS. First calm, then with endpoints that fail.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { CertificateAuthority } from '../src/adapters/probes/testing/certificates.ts'
import { Child } from './child.ts'
import { processCpuUs } from './process-cpu.ts'
import { Program } from './program.ts'
import { tlsFilesIn } from './tls-files-in.ts'
import type { CheckersReply, CheckersRequest } from './verdict-checkers.ts'
import { CHECKERS } from './verdict-world.ts'

export interface AgentCost {
  /** The most of all looks, from when it was ready on. */
  readonly rssMb: number
  /** The most since its start, while it took over 100,000 endpoints. */
  readonly peakRssMb: number
  /** TLS and all; without and with the headers of TCP and IP. */
  readonly kbitPerSec: number
  readonly wireKbitPerSec: number
  readonly calmKbitPerSec: number
  readonly cpuPct: number
}

/** Each endpoint fails once in a day and a bit. */
const FAILURES_PER_SEC = 1
const READY_MS = 60_000
const CALM_MS = 20_000
/** Until as many recover as fail. */
const FAILING_WARM_UP_MS = 32_000
const FAILING_MS = 60_000
const LOOK_MS = 1_000
/** TCP with time stamps over IPv4. */
const HEADER_BYTES = 52

const ROOT = join(import.meta.dirname, '..')

export async function measureAgent(progress: (line: string) => void): Promise<AgentCost> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build.ts')])
  using authority = new CertificateAuthority()
  for (const { site, name } of CHECKERS) authority.issue(name, [`URI:fairlead://checker/${site}/${name}`])
  authority.issue('control', ['URI:fairlead://control/bench'])
  authority.issue('nameserver', ['URI:fairlead://nameserver/ams/bench'])
  await using checkers = new Child(join(import.meta.dirname, 'verdict-checkers.ts'), [authority.folder])
  const ask = (request: CheckersRequest) => checkers.ask<CheckersReply>(request)
  const { controlPort } = await ask({ kind: 'start' })
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-bench-'))
  try {
    const settings = {
      ...{ dataDir: join(folder, 'data'), dnsPort: 25_310, controls: [`127.0.0.1:${controlPort}`], logLevel: 'warn' },
      ...tlsFilesIn(authority.folder, 'nameserver'),
    }
    const configFile = join(folder, 'settings.yaml')
    await writeFile(configFile, JSON.stringify(settings))
    const program = join(ROOT, 'dist/fairlead.mjs')
    await using agent = new Program(process.execPath, [program, 'nameserver', '--config', configFile])
    return await watch({ agent, ask, progress })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Stage {
  readonly agent: Program
  readonly ask: (request: CheckersRequest) => Promise<CheckersReply>
  readonly progress: (line: string) => void
}

async function watch({ agent, ask, progress }: Stage): Promise<AgentCost> {
  const startedMs = performance.now()
  while (!(await ask({ kind: 'count' })).ready) {
    if (performance.now() - startedMs > READY_MS) throw new Error('the nameserver did not get ready')
    await delay(100)
    agent.pid // Throws when it has ended.
  }
  progress(`ready after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`)
  let rssMb = 0
  const pass = async (ms: number) => {
    const before = { ...(await ask({ kind: 'count' })), atMs: performance.now(), cpuUs: await processCpuUs(agent.pid) }
    while (performance.now() - before.atMs < ms) {
      await delay(LOOK_MS)
      const now = await memoryMb(agent.pid, 'VmRSS')
      progress(`${now.toFixed(0)} MB`)
      rssMb = Math.max(rssMb, now)
    }
    const after = { ...(await ask({ kind: 'count' })), atMs: performance.now(), cpuUs: await processCpuUs(agent.pid) }
    const passedMs = after.atMs - before.atMs
    const [bytes, packets] = [after.bytes - before.bytes, after.packets - before.packets]
    const kbitPerSec = (bytes * 8) / passedMs
    const wireKbitPerSec = ((bytes + packets * HEADER_BYTES) * 8) / passedMs
    const cpuPct = (after.cpuUs - before.cpuUs) / passedMs / 10
    progress(`${after.failures - before.failures} failures in ${Math.round(passedMs / 1_000)} s: ${kbitPerSec.toFixed(1)} kbit/s, ${wireKbitPerSec.toFixed(1)} with headers; ${cpuPct.toFixed(1)} % of a core; ${rssMb.toFixed(0)} MB; ${after.answers} answers published`)
    return { kbitPerSec, wireKbitPerSec, cpuPct }
  }
  await pass(CALM_MS)
  const calm = await pass(CALM_MS)
  await ask({ kind: 'fail', perSec: FAILURES_PER_SEC })
  await pass(FAILING_WARM_UP_MS)
  const failing = await pass(FAILING_MS)
  return { ...failing, rssMb, peakRssMb: await memoryMb(agent.pid, 'VmHWM'), calmKbitPerSec: calm.kbitPerSec }
}

async function memoryMb(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN) / 1_000
}
