/** Paths that are as a test says, by address of the target: for tests of the fence alone. */
import type { PathOutcome } from '../../core/health/path-loss.ts'
import type { PathProber } from '../../ports/path-prober.ts'
import type { ProbeTarget } from '../../ports/prober.ts'

export class ScriptedPaths implements PathProber {
  readonly calls: { readonly target: ProbeTarget; readonly atMs: number }[] = []
  readonly #nowMs: () => number
  readonly #outcomes = new Map<string, PathOutcome>()
  #everything: PathOutcome = 'reached'
  /** Says of each try what comes of it, instead of what was set. */
  onReach: ((target: ProbeTarget, timeoutMs: number) => PathOutcome) | null = null

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** From the next round on; of every target when none is named. */
  set(outcome: PathOutcome, address?: string): void {
    if (address === undefined) this.#everything = outcome
    else this.#outcomes.set(address, outcome)
  }

  reach(target: ProbeTarget, timeoutMs: number): Promise<PathOutcome> {
    this.calls.push({ target, atMs: this.#nowMs() })
    if (this.onReach !== null) return Promise.resolve(this.onReach(target, timeoutMs))
    return Promise.resolve(this.#outcomes.get(target.address) ?? this.#everything)
  }
}
