/** Passes on what it is asked, as a proxy before the API does, or somebody in its place. */
import { once } from 'node:events'
import { createServer, request as forward, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SecureContextOptions } from 'node:tls'

export class Relay {
  readonly url: string
  readonly #server: Server

  private constructor(server: Server, scheme: string) {
    this.#server = server
    this.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** By https where there is a certificate. `to` is asked for with each request. */
  static async start(to: () => string, tls: SecureContextOptions | null = null): Promise<Relay> {
    const listener: RequestListener = (request, response) => {
      const { method, url, headers } = request
      const asking = forward(to() + (url ?? ''), { method, headers }, (reply) => {
        response.writeHead(reply.statusCode ?? 500, reply.headers)
        reply.pipe(response)
      })
      request.pipe(asking)
    }
    const server = tls === null ? createServer(listener) : createTlsServer(tls, listener)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Relay(server, tls === null ? 'http' : 'https')
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
