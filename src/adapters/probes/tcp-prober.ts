/** TCP probes: a connection, and when asked for a text sent and a text awaited in the first 64 KiB of the reply. */
import type { Socket } from 'node:net'
import type { TcpMonitor } from '../../core/model/monitor.ts'
import type { ProbeResult, Prober, ProbeTarget } from '../../ports/prober.ts'
import type { LoopWatch } from './loop-watch.ts'
import { openConnection } from './open-connection.ts'
import { ProbeRun } from './probe-run.ts'

const MAX_REPLY_BYTES = 65_536

export class TcpProber implements Prober<TcpMonitor> {
  readonly #loopWatch: LoopWatch

  constructor(loopWatch: LoopWatch) {
    this.#loopWatch = loopWatch
  }

  probe(monitor: TcpMonitor, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    const run = new ProbeRun({ timeoutMs: monitor.timeoutMs, signal, loopWatch: this.#loopWatch })
    openConnection(run, { target, sourceAddress: monitor.sourceAddress, tls: null }, (socket) => {
      const { send, expect } = monitor
      if (expect !== undefined) awaitText(run, socket, expect)
      if (send !== undefined)
        socket.write(send, 'utf8', (error) => {
          if (!error && expect === undefined) run.settle({ kind: 'success', detail: 'connected and sent' })
        })
      else if (expect === undefined) run.settle({ kind: 'success', detail: 'connected' })
    })
    return run.result
  }
}

function awaitText(run: ProbeRun, socket: Socket, text: string): void {
  const wanted = Buffer.from(text, 'utf8')
  const startedAtMs = performance.now()
  let reply = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    run.phases.firstByteMs ??= performance.now() - startedAtMs
    run.stage = 'rest of the reply'
    const searchFrom = Math.max(0, reply.length - wanted.length)
    reply = Buffer.concat([reply, chunk.subarray(0, MAX_REPLY_BYTES - reply.length)])
    if (reply.indexOf(wanted, searchFrom) >= 0)
      run.settle({ kind: 'success', detail: 'connected, and the expected text came' })
    else if (reply.length === MAX_REPLY_BYTES)
      run.settle({
        kind: 'failure',
        detail: `the expected text is not in the first ${MAX_REPLY_BYTES} bytes`,
      })
  })
  socket.on('end', () => {
    run.settle({ kind: 'failure', detail: `closed after ${reply.length} bytes without the expected text` })
  })
}
