/**
 * A connection for a probe: TCP, and TLS on it when asked for. Every probe gets a new one; this is the place where kept-alive
 * ones would come from.
 */
import { connect, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, type SecureContext } from 'node:tls'
import { familyOf } from '../../core/net/address.ts'
import type { ProbeTarget } from '../../ports/prober.ts'
import type { ProbeRun } from './probe-run.ts'

export interface TlsChoice {
  readonly context: SecureContext
  readonly verify: boolean
  /** The certificate must carry it: a DNS name, or an address. */
  readonly expectedName: string
  /** SNI; absent when there is no name to send (RFC 6066 section 3: never an address). */
  readonly serverName?: string
}

export interface ConnectionPlan {
  readonly target: ProbeTarget
  readonly sourceAddress: string | undefined
  /** null: plain TCP. */
  readonly tls: TlsChoice | null
}

/** Opens a connection and hands it to `run`; calls `onReady` when it stands. Faults end the run. */
export function openConnection(run: ProbeRun, plan: ConnectionPlan, onReady: (socket: Socket) => void): void {
  const { target, sourceAddress } = plan
  if (sourceAddress !== undefined && familyOf(sourceAddress) !== familyOf(target.address)) {
    const detail = `the source address ${sourceAddress} is of another family than ${target.address}`
    run.settle({ kind: 'local-error', detail })
    return
  }
  run.stage = 'connection'
  const startedAtMs = performance.now()
  try {
    const socket = start(plan)
    run.use(socket)
    socket.once('connect', () => {
      // Else Nagle's algorithm holds the request until the last flight of the handshake is acknowledged.
      socket.setNoDelay(true)
      run.phases.connectMs = performance.now() - startedAtMs
      run.stage = plan.tls === null ? 'reply' : 'TLS handshake'
      if (isSelfConnected(socket)) run.settle({ kind: 'failure', detail: 'connection refused' })
      else if (plan.tls === null) onReady(socket)
      else awaitHandshake(run, socket, onReady)
    })
  } catch (error) {
    run.fail(error)
  }
}

function start({ target, sourceAddress, tls }: ConnectionPlan): Socket {
  const where = {
    host: target.address,
    port: target.port,
    ...(sourceAddress !== undefined && { localAddress: sourceAddress }),
  }
  if (tls === null) return connect(where)
  return connectTls({
    ...where,
    secureContext: tls.context,
    rejectUnauthorized: tls.verify,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(tls.expectedName, certificate),
    ALPNProtocols: ['http/1.1'],
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
  })
}

function awaitHandshake(run: ProbeRun, socket: Socket, onReady: (socket: Socket) => void): void {
  const startedAtMs = performance.now()
  socket.once('secureConnect', () => {
    run.phases.tlsMs = performance.now() - startedAtMs
    run.stage = 'reply'
    onReady(socket)
  })
}

/** A probe of a free loopback port can meet its own source port and connect to itself (RFC 9293, simultaneous open). */
function isSelfConnected(socket: Socket): boolean {
  return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress
}
