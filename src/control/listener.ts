/** The listening socket of the API: where it is, and how it ends. */
import type { AddressInfo } from 'node:net'
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

export class Listener {
  readonly #options: ListenerOptions
  #url = ''

  constructor(options: ListenerOptions) {
    this.#options = options
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
    streams.end()
    await server.close()
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
