/** One probe with a monitor written as an operator would write it, defaults filled in by the schema: for tests alone. */
import type { z } from 'zod'
import { monitorSchema } from '../../../core/model/monitor.ts'
import type { ProbeResult, ProbeTarget } from '../../../ports/prober.ts'
import { MonitorProber } from '../monitor-prober.ts'

export type MonitorInput = z.input<typeof monitorSchema>

const prober = new MonitorProber()

/** As `{ kind: 'http', name: 'm', ...fields }`. */
export function probeHttp(
  target: ProbeTarget,
  fields: Partial<Extract<MonitorInput, { kind: 'http' }>> = {},
): Promise<ProbeResult> {
  return probe({ name: 'm', ...fields, kind: 'http' }, target)
}

export function probeHttps(
  target: ProbeTarget,
  fields: Partial<Extract<MonitorInput, { kind: 'https' }>> = {},
): Promise<ProbeResult> {
  return probe({ name: 'm', ...fields, kind: 'https' }, target)
}

export function probeTcp(
  target: ProbeTarget,
  fields: Partial<Extract<MonitorInput, { kind: 'tcp' }>> = {},
): Promise<ProbeResult> {
  return probe({ name: 'm', ...fields, kind: 'tcp' }, target)
}

async function probe(input: MonitorInput, target: ProbeTarget): Promise<ProbeResult> {
  const check = new AbortController()
  const result = await prober.probe(monitorSchema.parse(input), target, check.signal)
  check.abort()
  return result
}
