/** HTTP servers on addresses of their own, in this process: enough where going away and coming back is all that they do. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

export class LocalServers {
  /** One for all of them. */
  readonly port: number
  readonly #servers = new Map<string, Server>()

  constructor(port: number) {
    this.port = port
  }

  async start(...addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      const server = createServer((_request, response) => response.end('ok'))
      server.listen(this.port, address)
      await once(server, 'listening')
      this.#servers.set(address, server)
    }
  }

  async stop(...addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      const server = this.#servers.get(address)
      this.#servers.delete(address)
      if (server === undefined) continue
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }

  stopAll(): Promise<void> {
    return this.stop(...this.#servers.keys())
  }
}
