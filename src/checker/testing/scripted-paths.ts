/** Paths that are as a test says, by address of the target: for tests of the fence alone. */
import type { PathOutcome } from '../../core/health/path-loss.ts'
import type { Clock } from '../../ports/clock.ts'
import type { PathProber } from '../../ports/path-prober.ts'
import type { ProbeTarget } from '../../ports/prober.ts'

export class ScriptedPaths implements PathProber {
  readonly calls: { readonly target: ProbeTarget; readonly atMs: number }[] = []
  /** How long each try takes. */
  tookMs = 0
  /** Tries that have not ended. */
  running = 0
  /** Says of each try what comes of it, instead of what was set. */
  onReach: ((target: ProbeTarget, timeoutMs: number) => PathOutcome) | null = null
  readonly #clock: Clock
  readonly #outcomes = new Map<string, PathOutcome>()
  #everything: PathOutcome = 'reached'

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** From the next round on; of every target when none is named. */
  set(outcome: PathOutcome, address?: string): void {
    if (address === undefined) this.#everything = outcome
    else this.#outcomes.set(address, outcome)
  }

  reach(target: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<PathOutcome> {
    this.calls.push({ target, atMs: this.#clock.monotonicMs() })
    const outcome =
      this.onReach?.(target, timeoutMs) ?? this.#outcomes.get(target.address) ?? this.#everything
    if (this.tookMs === 0) return Promise.resolve(outcome)
    const { promise, resolve } = Promise.withResolvers<PathOutcome>()
    this.running += 1
    const end = (how: PathOutcome) => {
      cancel()
      signal.removeEventListener('abort', aborted)
      this.running -= 1
      resolve(how)
    }
    const aborted = () => {
      end('untried')
    }
    const cancel = this.#clock.after(this.tookMs, () => {
      end(outcome)
    })
    signal.addEventListener('abort', aborted)
    return promise
  }
}
