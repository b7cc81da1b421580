/** A TCP server on a port of the system's choice that does what a test tells it to: for tests alone. */
import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer, type ServerOptions } from 'node:https'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { ProbeTarget } from '../../../ports/prober.ts'

export interface RunningServer extends AsyncDisposable {
  readonly target: ProbeTarget
  /** Connections that were accepted since the start. */
  connections(): number
}

/** Calls `serve` for each connection; its errors are the test's subject and are not reported. */
export function rawServer(serve: (socket: Socket) => void, address = '127.0.0.1'): Promise<RunningServer> {
  return listen(createServer({ allowHalfOpen: true }, serve), address)
}

/** Answers each connection with `bytes` as soon as the request has begun to come, and closes. */
export function replyingServer(bytes: string | Buffer): Promise<RunningServer> {
  return rawServer((socket) => {
    socket.once('data', () => socket.end(bytes))
  })
}

/** Calls `serve` for each request that comes in one piece, with the number of the connection and of the request on it, both from 1. */
export function servingBy(
  serve: (socket: Socket, connection: number, request: number) => void,
): Promise<RunningServer> {
  let connection = 0
  return rawServer((socket) => {
    connection += 1
    const mine = connection
    let request = 0
    socket.on('data', () => {
      request += 1
      serve(socket, mine, request)
    })
    socket.on('end', () => socket.end())
  })
}

export function httpServer(listener: RequestListener, address = '127.0.0.1'): Promise<RunningServer> {
  return listen(createHttpServer(listener), address)
}

export function httpsServer(
  options: ServerOptions,
  listener: RequestListener,
  address = '127.0.0.1',
): Promise<RunningServer> {
  const server = createHttpsServer(options, listener)
  server.on('tlsClientError', () => undefined)
  return listen(server, address)
}

async function listen(server: Server, address: string): Promise<RunningServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    target: { address, port },
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
