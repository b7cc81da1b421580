/**
 * One checker to 1,000 readers over mutual TLS: how long until the last of them has heard of a change, and what the checker's
 * frame server costs while nothing happens. All of it runs on one machine: the readers take their share of its cores while the
 * checker sends, which on a fleet they would not.
 */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CertificateAuthority } from '../src/adapters/probes/testing/certificates.ts'
import type { Bench } from './bench.ts'
import { Child } from './child.ts'
import type { FanoutReply, FanoutRequest } from './fanout-checker.ts'
import type { ReadersReply, ReadersRequest } from './fanout-readers.ts'
import { processCpuUs } from './process-cpu.ts'
import { quantile } from './quantile.ts'
import { round } from './round.ts'

const READERS = 1_000
const READER_PROCESSES = 2
const CALM_MS = 15_000
const EVENTS = 300
/** From one event to the next, at random, so that they fall on all phases of the heartbeat. */
const PAUSE_MS = { least: 50, most: 350 }

type Progress = (line: string) => void

interface Stage {
  readonly checker: Child
  readonly readers: readonly Child[]
  readonly progress: Progress
}

export const fanout: Bench = {
  name: 'fanout',
  summary:
    'a change from one checker to 1,000 readers over mutual TLS, and what they cost it while nothing happens',
  aims: [
    { metric: 'p99Ms', op: '<=', bound: 100 },
    { metric: 'calmCorePct', op: '<=', bound: 10 },
  ],
  run: async (progress) => {
    using authority = new CertificateAuthority()
    authority.issue('checker', ['URI:fairlead://checker/ams/ams-1'])
    authority.issue('nameserver', ['URI:fairlead://nameserver/fra/ns1'])
    const part = (name: string, ...words: readonly (string | number)[]) =>
      new Child(join(import.meta.dirname, name), [authority.folder, ...words.map(String)])
    await using checker = part('fanout-checker.ts')
    const { port } = await checker.ask<FanoutReply>({ kind: 'count' } satisfies FanoutRequest)
    await using started = new AsyncDisposableStack()
    const readers = Array.from({ length: READER_PROCESSES }, () =>
      started.use(part('fanout-readers.ts', port, READERS / READER_PROCESSES)),
    )
    const stage = { checker, readers, progress }
    await connect(stage)
    return { ...(await measureCalm(stage)), ...(await measureEvents(stage)) }
  },
}

async function connect({ checker, readers, progress }: Stage): Promise<void> {
  const startedMs = performance.now()
  const request = { kind: 'connected' } satisfies ReadersRequest
  await Promise.all(readers.map((child) => child.ask<ReadersReply>(request)))
  await expectAll(checker)
  progress(
    `${READERS} readers have the whole state after ${round((performance.now() - startedMs) / 1_000, 1)} s`,
  )
}

async function measureCalm({ checker, progress }: Stage) {
  const look = async () => ({
    ...(await checker.ask<FanoutReply>({ kind: 'count' } satisfies FanoutRequest)),
    cpuUs: await processCpuUs(checker.pid),
  })
  const before = await look()
  await delay(CALM_MS)
  const after = await look()
  const passedMs = after.atMs - before.atMs
  const calmCorePct = round((after.cpuUs - before.cpuUs) / passedMs / 10, 2)
  const bytes = (after.sentBytes - before.sentBytes) / READERS / (passedMs / 1_000)
  progress(`calm: ${calmCorePct} % of a core, ${Math.round(bytes)} bytes a second to each reader`)
  return { calmCorePct }
}

async function measureEvents({ checker, readers, progress }: Stage) {
  const latenciesMs: number[] = []
  for (let number = 0; number < EVENTS; number += 1) {
    await delay(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least))
    const heard = readers.map((child) =>
      child.ask<ReadersReply>({ kind: 'event', number } satisfies ReadersRequest),
    )
    const { atMs } = await checker.ask<FanoutReply>({ kind: 'event', number } satisfies FanoutRequest)
    const replies = await Promise.all(heard)
    latenciesMs.push(Math.max(...replies.map(({ lastMs }) => lastMs)) - atMs)
    if ((number + 1) % 50 === 0)
      progress(
        `${number + 1} events: p50 ${round(quantile(latenciesMs, 0.5), 1)} ms, most ${round(quantile(latenciesMs, 1), 1)} ms`,
      )
  }
  await expectAll(checker)
  return {
    p50Ms: round(quantile(latenciesMs, 0.5), 1),
    p99Ms: round(quantile(latenciesMs, 0.99), 1),
    maxMs: round(quantile(latenciesMs, 1), 1),
  }
}

/** Nobody was dropped, and nobody left. */
async function expectAll(checker: Child): Promise<void> {
  const { readers, dropped } = await checker.ask<FanoutReply>({ kind: 'count' } satisfies FanoutRequest)
  if (readers !== READERS || dropped > 0)
    throw new Error(`${readers} readers are left, ${dropped} were dropped`)
}
