/** The prober of every kind of monitor. */
import type { Monitor } from '../../core/model/monitor.ts'
import type { ProbeResult, Prober, ProbeTarget } from '../../ports/prober.ts'
import { CheckScopes } from './check-scopes.ts'
import { HttpProber } from './http-prober.ts'
import { LoopWatch } from './loop-watch.ts'
import { TcpProber } from './tcp-prober.ts'

export class MonitorProber implements Prober {
  readonly #loopWatch = new LoopWatch()
  readonly #scopes = new CheckScopes()
  readonly #http = new HttpProber(this.#loopWatch, this.#scopes)
  readonly #tcp = new TcpProber(this.#loopWatch, this.#scopes)

  probe(monitor: Monitor, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    return monitor.kind === 'tcp'
      ? this.#tcp.probe(monitor, target, signal)
      : this.#http.probe(monitor, target, signal)
  }
}
