/** A prober that answers as a test says, by address and port of the target: for tests of scheduling alone. */
import type { Monitor } from '../../core/model/monitor.ts'
import type { Prober, ProbeResult, ProbeTarget } from '../../ports/prober.ts'

export type ScriptedAnswer = 'success' | 'failure' | 'local-error' | 'silence'

export interface ProbeCall {
  readonly monitor: string
  readonly target: ProbeTarget
  readonly atMs: number
}

export class ScriptedProber implements Prober {
  /** In the order in which they were started. */
  readonly calls: ProbeCall[] = []
  readonly running: ((result: ProbeResult) => void)[] = []
  readonly #nowMs: () => number
  readonly #answers = new Map<string, ScriptedAnswer>()
  #everything: ScriptedAnswer = 'success'
  readonly #busy = new Set<string>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** From the next probe on; of every target when none is named. */
  answer(answer: ScriptedAnswer, address?: string): void {
    if (address === undefined) this.#everything = answer
    else this.#answers.set(address, answer)
  }

  timesOf(address: string): number[] {
    return this.calls.filter(({ target }) => target.address === address).map(({ atMs }) => atMs)
  }

  probe(monitor: Monitor, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    const check = `${target.address} ${target.port} ${monitor.name}`
    if (this.#busy.has(check)) throw new Error(`two probes at once of ${check}`)
    this.calls.push({ monitor: monitor.name, target, atMs: this.#nowMs() })
    const kind = this.#answers.get(target.address) ?? this.#everything
    if (kind !== 'silence') return Promise.resolve(resultOf(kind))
    this.#busy.add(check)
    return new Promise((resolve) => {
      const finish = (result: ProbeResult) => {
        this.#busy.delete(check)
        resolve(result)
      }
      this.running.push(finish)
      signal.addEventListener('abort', () => {
        finish(resultOf('local-error'))
      })
    })
  }
}

export function resultOf(kind: Exclude<ScriptedAnswer, 'silence'>): ProbeResult {
  const phases = { totalMs: 1 }
  if (kind === 'success') return { kind, degraded: false, detail: 'HTTP 200', status: 200, phases }
  if (kind === 'failure') return { kind, detail: 'HTTP 503, expected 200-299', status: 503, phases }
  return { kind, detail: 'no file descriptors', phases }
}
