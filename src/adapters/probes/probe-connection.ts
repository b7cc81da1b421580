/**
 * One connection of a probe, TCP or TLS, handed from user to user: a kept one serves many probes.
 * What must stay true: its listeners are attached once and stay, so that no error of a socket ever finds none; whoever uses it
 * now hears of it, and nobody else. Bytes are read into one buffer that all connections share (measured: reading into a buffer
 * of its own, as sockets do by default, costs a tenth of a probe), so they are the user's for the length of the call alone.
 */
import { familyOf } from '../../core/net/address.ts'
import { connect, type OnReadOpts, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, type SecureContext } from 'node:tls'
import type { ProbeTarget } from '../../ports/prober.ts'
import { isEphemeral } from './ephemeral-ports.ts'

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

export interface ConnectionUser {
  /** `bytes` are overwritten after the call: what is kept of them is to be copied. */
  onData(bytes: Buffer): void
  /** The peer has closed its side. */
  onEnd(): void
  onError(error: unknown): void
  onClose(): void
}

/** The kernel's answer goes into it, and is handled before another socket is read: the loop has one thread. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536)

export class ProbeConnection {
  /** null: nobody listens, and what comes is dropped. */
  user: ConnectionUser | null
  /** Requests that were answered on it. */
  uses = 0
  readonly #socket: Socket
  readonly #target: ProbeTarget

  /** Throws what `connect` throws for addresses that this system cannot take. */
  constructor(plan: ConnectionPlan, user: ConnectionUser) {
    this.user = user
    this.#target = plan.target
    this.#socket = start(plan, {
      buffer: READ_BUFFER,
      callback: (length) => {
        this.user?.onData(READ_BUFFER.subarray(0, length))
        return true
      },
    })
    this.#socket.on('end', () => this.user?.onEnd())
    this.#socket.on('error', (error) => this.user?.onError(error))
    this.#socket.on('close', () => this.user?.onClose())
  }

  /** The target's name has led to an address. */
  onLookedUp(listener: () => void): void {
    this.#socket.on('lookup', (error: Error | null) => {
      if (error === null) listener()
    })
  }

  onConnected(listener: () => void): void {
    this.#socket.once('connect', listener)
  }

  /** The handshake is done, and the certificate is as it should be. */
  onSecured(listener: () => void): void {
    // Else Nagle's algorithm holds the request until the last flight of the handshake is acknowledged.
    this.#socket.setNoDelay(true)
    this.#socket.once('secureConnect', listener)
  }

  /** A probe of a free loopback port can meet its own source port and connect to itself (RFC 9293, simultaneous open). */
  isSelfConnected(): boolean {
    // Each question is a system call that hardly any probe needs.
    const socket = this.#socket
    const { port } = this.#target
    return isEphemeral(port) && socket.localPort === port && socket.localAddress === socket.remoteAddress
  }

  /** One call for one request: plain connections leave Nagle's algorithm on, which holds nothing while nothing is under way. */
  write(text: string, encoding: 'latin1' | 'utf8', onSent?: () => void): void {
    this.#socket.write(text, encoding, (error) => {
      if (!error) onSent?.()
    })
  }

  destroy(): void {
    this.user = null
    this.#socket.destroy()
  }
}

function start({ target, sourceAddress, tls }: ConnectionPlan, onread: OnReadOpts): Socket {
  const where = {
    host: target.address,
    port: target.port,
    onread,
    ...(sourceAddress !== undefined && { localAddress: sourceAddress, family: familyOf(sourceAddress) }),
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
