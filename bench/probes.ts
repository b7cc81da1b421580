/**
 * What a probe costs: CPU us a probe of our probers, of HAProxy's checks and of blackbox_exporter, one after the other, against
 * one target in another process, three rounds, the median of each; then a checker with 30,000 HTTP checks every 10 s.
 * CPU is that of the whole process, garbage collection and compilation among it, user and system: on loopback the kernel's work
 * for the receiving side is charged to whoever sends, to all alike. The ratios are those of the load that suits us worse.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CertificateAuthority } from '../src/adapters/probes/testing/certificates.ts'
import { LATE_BOUNDS_MS } from '../src/checker/probe-tally.ts'
import type { Bench } from './bench.ts'
import { Child } from './child.ts'
import { Blackbox } from './probes-blackbox.ts'
import type { CheckerTally } from './probes-checker.ts'
import { measureCost, type ProbeCost } from './probes-cost.ts'
import { startHaproxy, type RivalOptions } from './probes-haproxy.ts'
import { FIRST_WAVE_MS, type Load, type ProbeKind } from './probes-load.ts'
import { ensurePackages } from './debian-packages.ts'
import type { ProberTally } from './probes-prober.ts'
import type { ServiceName, TargetPorts } from './probes-target.ts'
import { processCpuUs } from './process-cpu.ts'
import { quantile } from './quantile.ts'
import { round } from './round.ts'

const RIVALS = [
  { name: 'haproxy', program: 'haproxy', versionOption: '-v' },
  {
    ...{ name: 'prometheus-blackbox-exporter', program: 'prometheus-blackbox-exporter' },
    versionOption: '--version',
  },
]
const ROUNDS = 3
/** The first wave, and a second of the full pace; saturated there is no first wave. */
const WARM_UP_MS: Readonly<Record<Load, number>> = { Paced: FIRST_WAVE_MS + 1_000, Saturated: 2_000 }
/**
 * More than these, and it is not a probe that is measured. Saturated, the prober opens connections faster than the target
 * takes them, until the kernel drops some: all that run then wait for their second try, and time out.
 */
const MAX_FAILED_SHARE: Readonly<Record<Load, number>> = { Paced: 0, Saturated: 0.002 }
/** Programs that need no compilation while they run. */
const RIVAL_WARM_UP_MS = 1_000
const LOADS: readonly Load[] = ['Paced', 'Saturated']
const SERVICES: Readonly<Record<ProbeKind, ServiceName>> = {
  tcp: 'tcp',
  httpNew: 'http',
  httpKept: 'http',
  tlsKept: 'https',
}
const KINDS = Object.keys(SERVICES) as ProbeKind[]
/** The first wave of 30,000, at 2,000 a second, and a whole round on the grid after it. */
const CHECKER_WARM_UP_MS = 25_000
const CHECKER_WINDOW_MS = 20_000

type Progress = (line: string) => void
type Metrics = Record<string, number>

interface Stage {
  readonly target: Child
  readonly ports: TargetPorts
  readonly folder: string
  readonly progress: Progress
}

export const probes: Bench = {
  name: 'probes',
  summary: "CPU of a probe, beside HAProxy's checks and blackbox_exporter; 30,000 checks on one process",
  aims: [
    { metric: 'httpNewRatioToBlackbox', op: '<=', bound: 0.25 },
    { metric: 'httpNewRatioToHaproxy', op: '<=', bound: 2.5 },
    { metric: 'latenessP99Ms', op: '<=', bound: 50 },
  ],
  async run(progress) {
    await ensurePackages(RIVALS, progress)
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-bench-'))
    await using target = new Child(join(import.meta.dirname, 'probes-target.ts'))
    try {
      using authority = new CertificateAuthority()
      const { cert, key } = authority.issue('target', ['DNS:target.example.test'])
      const ports = await target.ask<TargetPorts>({ cert: cert.toString(), key: key.toString() })
      const stage = { target, ports, folder, progress }
      const costs = await measureAll(stage)
      const worst = (rival: string) =>
        Math.max(...LOADS.map((load) => costs[`httpNew${load}Us`]! / costs[`${rival}HttpNew${load}Us`]!))
      return {
        ...roundAll(costs),
        httpNewRatioToBlackbox: round(worst('blackbox'), 3),
        httpNewRatioToHaproxy: round(worst('haproxy'), 2),
        ...(await measureChecker(stage)),
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

/** Metric to us, the median over the rounds. */
async function measureAll(stage: Stage): Promise<Metrics> {
  const seen = new Map<string, number[]>()
  for (let number = 1; number <= ROUNDS; number += 1)
    for (const kind of KINDS)
      for (const load of LOADS)
        for (const [metric, cost] of await measureBesideRivals(stage, kind, load)) {
          seen.set(metric, [...(seen.get(metric) ?? []), cost.us])
          const rate = `${Math.round(cost.perSec).toLocaleString('en')}/s`
          stage.progress(`round ${number} of ${ROUNDS}: ${metric} ${cost.us.toFixed(1)} at ${rate}`)
        }
  return Object.fromEntries(Array.from(seen, ([metric, values]) => [metric, quantile(values, 0.5)]))
}

async function measureBesideRivals(
  stage: Stage,
  kind: ProbeKind,
  load: Load,
): Promise<readonly (readonly [string, ProbeCost])[]> {
  const ours = [`${kind}${load}Us`, await measureOurs(stage, kind, load)] as const
  // Neither keeps connections.
  if (kind === 'httpKept' || kind === 'tlsKept') return [ours]
  const options: RivalOptions = { kind, load, port: stage.ports[SERVICES[kind]], folder: stage.folder }
  const suffix = `${kind === 'tcp' ? 'Tcp' : 'HttpNew'}${load}Us`
  const rest = { target: stage.target, service: SERVICES[kind], warmUpMs: RIVAL_WARM_UP_MS }
  return [
    ours,
    [`haproxy${suffix}`, await costOf(await startHaproxy(options), rest)],
    [`blackbox${suffix}`, await costOf(await Blackbox.start(options), rest)],
  ]
}

async function costOf(
  rival: AsyncDisposable & { readonly pid: number },
  options: Omit<Parameters<typeof measureCost>[0], 'pid'>,
): Promise<ProbeCost> {
  await using running = rival
  return await measureCost({ ...options, pid: () => running.pid })
}

async function measureOurs(
  { target, ports, progress }: Stage,
  kind: ProbeKind,
  load: Load,
): Promise<ProbeCost> {
  const service = SERVICES[kind]
  const args = [kind, load, String(ports[service])]
  await using prober = new Child(join(import.meta.dirname, 'probes-prober.ts'), args)
  const cost = await measureCost({ pid: () => prober.pid, target, service, warmUpMs: WARM_UP_MS[load] })
  const { success, other, detail } = await prober.ask<ProberTally>({})
  if (other === 0) return cost
  const told = `${other} of ${success + other} probes (${kind}, ${load}) failed: ${detail}`
  if (other > MAX_FAILED_SHARE[load] * success) throw new Error(told)
  progress(told)
  return cost
}

async function measureChecker({ ports, progress }: Stage): Promise<Metrics> {
  await using checker = new Child(join(import.meta.dirname, 'probes-checker.ts'), [String(ports.http)])
  progress(`30,000 checks: ${(CHECKER_WARM_UP_MS + CHECKER_WINDOW_MS) / 1_000} s`)
  await delay(CHECKER_WARM_UP_MS)
  const read = async () => ({
    ...(await checker.ask<CheckerTally>({})),
    atMs: performance.now(),
    cpuUs: await processCpuUs(checker.pid),
  })
  const before = await read()
  await delay(CHECKER_WINDOW_MS)
  const after = await read()
  const failed = after.probes.failure + after.probes['local-error']
  const counts = after.lateCounts.map((count, index) => count - (before.lateCounts[index] ?? 0))
  progress(`${counts.reduce((sum, count) => sum + count, 0)} probes in the window, ${failed} not successful`)
  return {
    latenessP99Ms: round(latenessQuantile(counts, 0.99), 1),
    cpuPct: round((after.cpuUs - before.cpuUs) / (after.atMs - before.atMs) / 10, 1),
    rssMb: Math.round(after.rssBytes / 1e6),
  }
}

/** By linear interpolation within the bucket that holds it; what lies above the last bound is the last bound at the least. */
function latenessQuantile(counts: readonly number[], share: number): number {
  let left = counts.reduce((sum, count) => sum + count, 0) * share
  for (const [index, bound] of LATE_BOUNDS_MS.entries()) {
    const count = counts[index] ?? 0
    const from = LATE_BOUNDS_MS[index - 1] ?? 0
    if (left <= count) return from + ((bound - from) * left) / count
    left -= count
  }
  return LATE_BOUNDS_MS.at(-1)!
}

function roundAll(metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [metric, round(value, 1)]))
}
