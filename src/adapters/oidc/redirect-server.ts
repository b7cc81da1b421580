/**
 * Where the browser comes back to: a server on loopback, on a port that was free (RFC 8252, 7.3).
 * What must stay true: only a request with the state of this login ends it, so that no other page and no other program here can; what
 * the request holds is never shown; it is gone when the login is.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const PATH = '/callback'
const SAID = 'Fairlead has what it needs: close this page and go back to the terminal.\n'

export class RedirectServer {
  readonly #server: Server
  readonly #came: Promise<URL>
  readonly #state: string

  private constructor(state: string) {
    this.#state = state
    this.#server = createServer({ requestTimeout: 10_000, keepAlive: false })
    this.#came = new Promise((resolve) => {
      this.#server.on('request', (request, response) => {
        const url = URL.parse(request.url ?? '', this.uri)
        const isOurs = url?.pathname === PATH && url.searchParams.get('state') === this.#state
        const isRight = isOurs && request.method === 'GET'
        response.writeHead(isRight ? 200 : 404, {
          'content-type': 'text/plain; charset=utf-8',
          'cache-control': 'no-store',
          connection: 'close',
        })
        response.end(isRight ? SAID : 'not found\n')
        if (isRight) resolve(url)
      })
    })
  }

  /** Throws what listening throws. */
  static async listen(state: string): Promise<RedirectServer> {
    const made = new RedirectServer(state)
    made.#server.listen(0, '127.0.0.1')
    await once(made.#server, 'listening')
    return made
  }

  get uri(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}${PATH}`
  }

  /** What the browser came back with. Throws the reason of `signal`. */
  async came(signal: AbortSignal): Promise<URL> {
    signal.throwIfAborted()
    const ended = once(signal, 'abort').then(() => {
      throw signal.reason
    })
    ended.catch(() => undefined)
    return Promise.race([this.#came, ended])
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
