/** The listening socket of the API: where it is, and how it ends. */
import { Server as HttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { CommandError, EXIT } from '../core/exit-code.ts'
import { describeTlsFault } from '../core/net/describe-tls-fault.ts'
import type { Clock } from '../ports/clock.ts'
import type { OnRefused } from '../ports/refusals.ts'
import type { Api } from './api-parts.ts'
import type { EventStreams } from './event-stream.ts'

export interface ListenerOptions {
  readonly server: Api
  readonly streams: EventStreams
  readonly clock: Clock
  /** Shown beyond loopback; null: there is none, and nothing listens there. */
  readonly certificate: ServerCertificate | null
  readonly onRefused: OnRefused
}

/** What an HTTPS server shows. */
export interface ServerCertificate {
  readonly options: SecureContextOptions
  onReload(listener: () => void): () => void
}

/** Others than this machine can reach it. */
export function isBeyondLoopback(host: string): boolean {
  return host !== 'localhost' && !/^(?:127\.|::1$)/.test(host)
}

/** How long requests under way may take when the process ends. */
const CLOSE_MS = 4_000
/** Connections that wait for nothing are looked for this often while closing: some become idle only then. */
const SWEEP_MS = 20

export class Listener {
  readonly #options: ListenerOptions
  readonly #sockets = new Set<Socket>()
  #forget: () => void = () => undefined
  #url = ''

  constructor(options: ListenerOptions) {
    this.#options = options
    const { certificate, onRefused } = options
    const { server } = options.server
    if (server instanceof HttpsServer && certificate !== null) {
      this.#forget = certificate.onReload(() => {
        server.setSecureContext(certificate.options)
      })
      server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
        const from = socket.remoteAddress ?? ''
        socket.destroy()
        if (error.code !== 'ECONNRESET')
          onRefused({ who: '', from, reason: `at the API: ${describeTlsFault(error)}` })
      })
    }
    options.server.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** Valid once it listens. */
  get url(): string {
    return this.#url
  }

  /** Throws CommandError when the address cannot be had. */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    const { server, certificate } = this.#options
    if (isBeyondLoopback(host) && certificate === null)
      throw new CommandError(
        EXIT.badInput,
        `the API does not listen on ${host}:${port}, where other machines reach it, without a certificate: let it listen on 127.0.0.1, or give it one`,
      )
    try {
      await server.listen({ host, port, listenTextResolver: (address) => `the API listens at ${address}` })
    } catch (cause) {
      throw listenError(cause, { host, port })
    }
    const bound = server.server.address() as AddressInfo
    // Of any address of this machine there is no certificate; each has one of localhost.
    const isAny = /^(?:0\.0\.0\.0|::)$/.test(bound.address)
    const text = isAny ? 'localhost' : bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
    this.#url = `${isBeyondLoopback(host) ? 'https' : 'http'}://${text}:${bound.port}`
  }

  /** Ends event streams at once, lets requests under way finish, and cuts off what is left after a while. */
  async close(): Promise<void> {
    const { server, streams, clock } = this.#options
    this.#forget()
    const cancel = clock.after(CLOSE_MS, () => {
      server.server.closeAllConnections()
    })
    let stopSweeping = (): void => undefined
    const sweep = (): void => {
      server.server.closeIdleConnections()
      // Node takes a connection on which nothing was ever sent (clients open some in reserve) for a busy one.
      for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy()
      stopSweeping = clock.after(SWEEP_MS, sweep)
    }
    streams.end()
    sweep()
    await server.close()
    stopSweeping()
    cancel()
  }
}

function listenError(
  cause: unknown,
  { host, port }: { readonly host: string; readonly port: number },
): unknown {
  const { code } = cause as NodeJS.ErrnoException
  const place = `${host}:${port}`
  const failed = (exitCode: CommandError['exitCode'], message: string) =>
    new CommandError(exitCode, message, { cause })
  if (code === 'EADDRINUSE')
    return failed(
      EXIT.portInUse,
      `the API cannot listen on ${place}: another program does; choose another port with --api`,
    )
  if (code === 'EACCES')
    return failed(EXIT.fileAccess, `the API may not listen on ${place}: ports below 1024 need a privilege`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return failed(EXIT.badInput, `the API cannot listen on ${place}: this machine has no such address`)
  return cause
}
