/** A small real server in the place of control's: for tests of what happens on bad connections. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ApiClient } from '../api/api-client.ts'

export interface EventServer {
  readonly client: ApiClient
  close(): void
}

export async function startEventServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<EventServer> {
  const server: Server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const url = new URL(`http://127.0.0.1:${port}/`)
  return {
    client: new ApiClient({ url, token: 'token', source: 'a test', warning: null, authorities: null }),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
