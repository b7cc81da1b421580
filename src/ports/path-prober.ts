/** A path prober: does our own network carry a connection there? It never throws, and takes no longer than the time-out. */
import type { PathOutcome } from '../core/health/path-loss.ts'
import type { ProbeTarget } from './prober.ts'

export interface PathProber {
  /** Aborting `signal` ends the probe as untried, at once. */
  reach(target: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<PathOutcome>
}
