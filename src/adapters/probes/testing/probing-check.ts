/** A check that probes a target as often as a test says, under one signal, until it is disposed of: for tests alone. */
import type { z } from 'zod'
import { monitorSchema } from '../../../core/model/monitor.ts'
import type { ProbeResult, ProbeTarget } from '../../../ports/prober.ts'
import { MonitorProber } from '../monitor-prober.ts'

type MonitorFields =
  z.input<typeof monitorSchema> extends infer M
    ? M extends { kind: 'http' | 'https' }
      ? Omit<M, 'name'>
      : never
    : never

export class ProbingCheck implements Disposable {
  readonly #prober = new MonitorProber()
  readonly #controller = new AbortController()
  readonly #target: ProbeTarget
  readonly #monitor

  constructor(target: ProbeTarget, fields: MonitorFields = { kind: 'http', connection: 'keep-alive' }) {
    this.#target = target
    this.#monitor = monitorSchema.parse({ name: 'm', ...fields })
  }

  probe(): Promise<ProbeResult> {
    return this.#prober.probe(this.#monitor, this.#target, this.#controller.signal)
  }

  /** The kinds of the results of so many probes, one after the other. */
  async probes(count: number): Promise<ProbeResult['kind'][]> {
    const kinds: ProbeResult['kind'][] = []
    for (let index = 0; index < count; index += 1) kinds.push((await this.probe()).kind)
    return kinds
  }

  end(): void {
    this.#controller.abort()
  }

  [Symbol.dispose](): void {
    this.end()
  }
}
