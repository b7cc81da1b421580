/**
 * Our probers under load, in a process of their own: `probes-prober.ts KIND LOAD PORT`. Paced: 2,000 checks, each once a second
 * and never two at once, on the checker's own wheel. Saturated: 64 checks, each again as soon as it has ended.
 */
import { systemClock } from '../src/adapters/clock/system-clock.ts'
import { MonitorProber } from '../src/adapters/probes/monitor-prober.ts'
import { TimerWheel } from '../src/checker/timer-wheel.ts'
import { monitorSchema, type Monitor } from '../src/core/model/monitor.ts'
import {
  FIRST_WAVE_MS,
  PACED_PER_SEC,
  SATURATED_AT_ONCE,
  targetAddress,
  type Load,
  type ProbeKind,
} from './probes-load.ts'

export interface ProberTally {
  readonly success: number
  readonly other: number
  /** Of the last probe that was no success. */
  readonly detail: string
  /** CPU of the main thread alone since the start, us. */
  readonly mainThreadUs: number
}

const PERIOD_MS = 1_000

const MONITORS: Readonly<Record<ProbeKind, object>> = {
  tcp: { kind: 'tcp' },
  httpNew: { kind: 'http', connection: 'new' },
  httpKept: { kind: 'http', connection: 'keep-alive' },
  tlsKept: { kind: 'https', connection: 'keep-alive', tls: { verify: false } },
}

function run(kind: ProbeKind, load: Load, port: number): void {
  const tally = { success: 0, other: 0, detail: '' }
  const prober = new MonitorProber()
  const monitor: Monitor = monitorSchema.parse({ name: 'bench', ...MONITORS[kind] })
  const check = (index: number) => {
    const target = { address: targetAddress(index), port }
    const { signal } = new AbortController()
    return async () => {
      const result = await prober.probe(monitor, target, signal)
      if (result.kind === 'success') tally.success += 1
      else {
        tally.other += 1
        tally.detail = result.detail
      }
    }
  }
  if (load === 'Saturated') saturate(check)
  else pace(check)
  process.on('message', () => {
    const { user, system } = process.threadCpuUsage()
    process.send?.({ ...tally, mainThreadUs: user + system } satisfies ProberTally)
  })
}

function saturate(check: (index: number) => () => Promise<void>): void {
  for (let index = 0; index < SATURATED_AT_ONCE; index += 1) {
    const probe = check(index)
    const again = () => void probe().then(again)
    again()
  }
}

function pace(check: (index: number) => () => Promise<void>): void {
  const wheel = new TimerWheel(systemClock)
  const startMs = systemClock.monotonicMs()
  for (let index = 0; index < PACED_PER_SEC; index += 1) {
    const probe = check(index)
    const at = (dueMs: number) => {
      wheel.schedule(dueMs, () => {
        void probe().then(() => {
          at(Math.max(dueMs + PERIOD_MS, systemClock.monotonicMs()))
        })
      })
    }
    at(startMs + (index * FIRST_WAVE_MS) / PACED_PER_SEC)
  }
}

if (import.meta.main) {
  const [kind, load, port] = process.argv.slice(2)
  run(kind as ProbeKind, load as Load, Number(port))
  process.on('disconnect', () => process.exit(0))
}
