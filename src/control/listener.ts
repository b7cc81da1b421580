/** The listening socket of the API: where it is, and how it ends. */
import type { AddressInfo, Socket } from 'node:net'
import type { Logger } from 'pino'
import { CommandError, EXIT } from '../core/exit-code.ts'
import type { Clock } from '../ports/clock.ts'
import type { Api } from './api-parts.ts'
import type { EventStreams } from './event-stream.ts'

export interface ListenerOptions {
  readonly server: Api
  readonly streams: EventStreams
  readonly logger: Logger
  readonly clock: Clock
}

/** How long requests under way may take when the process ends. */
const CLOSE_MS = 4_000
/** Connections that wait for nothing are looked for this often while closing: some become idle only then. */
const SWEEP_MS = 20

export class Listener {
  readonly #options: ListenerOptions
  readonly #sockets = new Set<Socket>()
  #url = ''

  constructor(options: ListenerOptions) {
    this.#options = options
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
    const { server, logger } = this.#options
    try {
      await server.listen({ host, port, listenTextResolver: (address) => `the API listens at ${address}` })
    } catch (cause) {
      throw listenError(cause, { host, port })
    }
    const bound = server.server.address() as AddressInfo
    const text = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
    this.#url = `http://${text}:${bound.port}`
    if (!/^(?:127\.|\[::1\])/.test(text))
      logger.warn({ url: this.#url }, 'the API can be reached from other machines, and is not encrypted')
  }

  /** Ends event streams at once, lets requests under way finish, and cuts off what is left after a while. */
  async close(): Promise<void> {
    const { server, streams, clock } = this.#options
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
