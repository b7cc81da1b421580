/**
 * Path probes for the self-fence: a TCP connection, closed as soon as it stands, over the same path as the probes of endpoints.
 * Time-outs count only time in which this process could have seen the answer (LoopWatch), as everywhere.
 */
import type { PathOutcome } from '../../core/health/path-loss.ts'
import type { PathProber } from '../../ports/path-prober.ts'
import type { ProbeTarget } from '../../ports/prober.ts'
import { CheckScopes } from './check-scopes.ts'
import { LoopWatch } from './loop-watch.ts'
import { openConnection } from './open-connection.ts'
import { ProbeRun } from './probe-run.ts'

export class TcpPathProber implements PathProber {
  readonly #loopWatch = new LoopWatch()
  readonly #scopes = new CheckScopes()

  async reach(target: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<PathOutcome> {
    const scope = this.#scopes.of(signal)
    const run = new ProbeRun({ timeoutMs, signal, scope, loopWatch: this.#loopWatch })
    openConnection(run, { target, sourceAddress: undefined, tls: null }, () => {
      run.settle({ kind: 'success', detail: 'connected' })
    })
    const result = await run.result
    if (result.kind === 'success') return 'reached'
    return result.kind === 'failure' || result.isNetwork === true ? 'missed' : 'untried'
  }
}
