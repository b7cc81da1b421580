/** TCP probes: a connection, and when asked for a text sent and a text awaited in the first 64 KiB of the reply. */
import type { TcpMonitor } from '../../core/model/monitor.ts'
import type { ProbeResult, Prober, ProbeTarget } from '../../ports/prober.ts'
import type { CheckScopes } from './check-scopes.ts'
import type { LoopWatch } from './loop-watch.ts'
import { endLost, openConnection } from './open-connection.ts'
import type { ProbeConnection } from './probe-connection.ts'
import { ProbeRun } from './probe-run.ts'

const MAX_REPLY_BYTES = 65_536

export class TcpProber implements Prober<TcpMonitor> {
  readonly #loopWatch: LoopWatch
  readonly #scopes: CheckScopes

  constructor(loopWatch: LoopWatch, scopes: CheckScopes) {
    this.#loopWatch = loopWatch
    this.#scopes = scopes
  }

  probe(monitor: TcpMonitor, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    const { timeoutMs, send, expect, sourceAddress } = monitor
    const degradedAboveMs = monitor.degraded?.latencyMs
    const scope = this.#scopes.of(signal)
    const run = new ProbeRun({ timeoutMs, degradedAboveMs, signal, scope, loopWatch: this.#loopWatch })
    openConnection(run, { target, sourceAddress, tls: null }, (connection) => {
      if (expect !== undefined) awaitText(run, connection, expect)
      if (send !== undefined)
        connection.write(send, 'utf8', () => {
          if (expect === undefined) run.settle({ kind: 'success', detail: 'connected and sent' })
        })
      else if (expect === undefined) run.settle({ kind: 'success', detail: 'connected' })
    })
    return run.result
  }
}

function awaitText(run: ProbeRun, connection: ProbeConnection, text: string): void {
  const wanted = Buffer.from(text, 'utf8')
  const startedAtMs = performance.now()
  let reply = Buffer.alloc(0)
  connection.user = {
    onData: (bytes) => {
      run.phases.firstByteMs ??= performance.now() - startedAtMs
      run.stage = 'rest of the reply'
      const searchFrom = Math.max(0, reply.length - wanted.length)
      reply = Buffer.concat([reply, bytes.subarray(0, MAX_REPLY_BYTES - reply.length)])
      if (reply.indexOf(wanted, searchFrom) >= 0)
        run.settle({ kind: 'success', detail: 'connected, and the expected text came' })
      else if (reply.length === MAX_REPLY_BYTES)
        run.settle({
          kind: 'failure',
          detail: `the expected text is not in the first ${MAX_REPLY_BYTES} bytes`,
        })
    },
    onEnd: () => {
      run.settle({ kind: 'failure', detail: `closed after ${reply.length} bytes without the expected text` })
    },
    onError: (error) => {
      endLost(run, error)
    },
    onClose: () => {
      endLost(run, null)
    },
  }
}
