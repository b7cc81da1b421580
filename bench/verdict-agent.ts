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
import { freePort } from '../src/adapters/probes/testing/free-port.ts'
import { Child } from './child.ts'
import { processCpuUs } from './process-cpu.ts'
import { Program } from './program.ts'
import { tlsFilesIn } from './tls-files-in.ts'
import type { CheckersReply, CheckersRequest } from './verdict-checkers.ts'
import { CHECKERS } from './verdict-world.ts'

export interface AgentCost {
  /** The most of all looks once the take-over is over. */
  readonly rssMb: number
  /** The most ever: while it took over 100,000 endpoints and the states of 15 checkers. */
  readonly takeOverRssMb: number
  /** With endpoints that fail; TLS and all, and then with the headers of TCP and IP too. */
  readonly kbitPerSec: number
  readonly wireKbitPerSec: number
  /** With none. */
  readonly calmKbitPerSec: number
  /** With endpoints that fail, of one core. */
  readonly cpuPct: number
}

/** Each endpoint fails about once a day. */
const FAILURES_PER_SEC = 1
const READY_WITHIN_MS = 60_000
const TAKE_OVER_MS = 35_000
const CALM_MS = 15_000
/** Until as many recover as fail. */
const FAILING_WARM_UP_MS = 32_000
const FAILING_MS = 45_000
const LOOK_MS = 500
/** Of each packet: TCP with time stamps over IPv4. */
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
      ...{
        dataDir: join(folder, 'data'),
        dnsPort: await freePort(),
        controls: [`127.0.0.1:${controlPort}`],
        logLevel: 'warn',
      },
      ...tlsFilesIn(authority.folder, 'nameserver'),
    }
    const configFile = join(folder, 'settings.yaml')
    await writeFile(configFile, JSON.stringify(settings))
    await using agent = new Program(join(ROOT, 'bin/fairlead'), ['nameserver', '--config', configFile])
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

async function watch(stage: Stage): Promise<AgentCost> {
  const { agent, ask, progress } = stage
  const startedMs = performance.now()
  while (!(await ask({ kind: 'count' })).ready) {
    const passedMs = performance.now() - startedMs
    // `pid` throws when it has ended.
    if (passedMs > READY_WITHIN_MS) throw new Error(`the nameserver ${agent.pid} did not get ready`)
    await delay(100)
  }
  progress(`ready after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`)
  await pass(stage, { what: 'take-over', ms: TAKE_OVER_MS })
  const calm = await pass(stage, { what: 'calm', ms: CALM_MS })
  await ask({ kind: 'fail', perSec: FAILURES_PER_SEC })
  const warmUp = await pass(stage, { what: 'endpoints begin to fail', ms: FAILING_WARM_UP_MS })
  const failing = await pass(stage, { what: 'endpoints fail and recover', ms: FAILING_MS })
  return {
    ...failing,
    rssMb: Math.max(calm.rssMb, warmUp.rssMb, failing.rssMb),
    takeOverRssMb: await memoryMb(agent.pid, 'VmHWM'),
    calmKbitPerSec: calm.kbitPerSec,
  }
}

async function pass(
  { agent, ask, progress }: Stage,
  { what, ms }: { readonly what: string; readonly ms: number },
) {
  const look = async () => ({
    ...(await ask({ kind: 'count' })),
    atMs: performance.now(),
    cpuUs: await processCpuUs(agent.pid),
  })
  const before = await look()
  let rssMb = 0
  while (performance.now() - before.atMs < ms) {
    await delay(LOOK_MS)
    rssMb = Math.max(rssMb, await memoryMb(agent.pid, 'VmRSS'))
  }
  const after = await look()
  const passedMs = after.atMs - before.atMs
  const [bytes, packets] = [after.bytes - before.bytes, after.packets - before.packets]
  const kbitPerSec = (bytes * 8) / passedMs
  const wireKbitPerSec = kbitPerSec + (packets * HEADER_BYTES * 8) / passedMs
  const cpuPct = (after.cpuUs - before.cpuUs) / passedMs / 10
  const told = `${kbitPerSec.toFixed(1)} kbit/s, ${cpuPct.toFixed(1)} % of a core, at most ${rssMb.toFixed(0)} MB`
  progress(
    `${what}: ${told}; ${after.failures - before.failures} failures, ${after.answers - before.answers} answers`,
  )
  return { kbitPerSec, wireKbitPerSec, cpuPct, rssMb }
}

/** Millions of bytes, as in every bench. */
async function memoryMb(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return (Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN) * 1_024) / 1e6
}
