/**
 * What the probes bench aims at, in a process of its own: a server each for TCP, HTTP and HTTPS that does as little as it can,
 * and counts. The count is the measure for every prober alike, so that none can count for itself.
 * The ports lie below those that the kernel gives to clients, as the ports of services do.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

export interface TargetPorts {
  readonly tcp: number
  readonly http: number
  readonly https: number
}
export type ServiceName = keyof TargetPorts
/** Probes that came, since the start. */
export type TargetCounts = Readonly<Record<ServiceName, number>>
export interface TargetCertificate {
  readonly cert: string
  readonly key: string
}

const REPLY = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nServer: bench\r\n\r\nok',
)
const BACKLOG = 4_096
const FIRST_PORT = 20_000
const PORTS = 10_000

async function serve({ cert, key }: TargetCertificate): Promise<void> {
  const counts = { tcp: 0, http: 0, https: 0 }
  const answer = (service: ServiceName) => (socket: Socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (request: Buffer) => {
      counts[service] += 1
      if (request.includes('close')) socket.end(REPLY)
      else socket.write(REPLY)
    })
  }
  const tcp = createServer((socket) => {
    counts.tcp += 1
    socket.on('error', () => undefined)
    socket.resume()
  })
  const https = createTlsServer({ cert, key, noDelay: true }, answer('https'))
  https.on('tlsClientError', () => undefined)
  const ports: TargetPorts = {
    tcp: await listen(tcp),
    http: await listen(createServer({ noDelay: true }, answer('http'))),
    https: await listen(https),
  }
  process.on('message', () => process.send?.({ ...counts }))
  process.send?.(ports)
}

/** A random port of the range; another when it is taken. */
async function listen(server: Server): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    server.listen({ port, host: '0.0.0.0', backlog: BACKLOG })
    try {
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    }
  }
}

if (import.meta.main) {
  process.once('message', (certificate: TargetCertificate) => {
    void serve(certificate)
  })
  process.on('disconnect', () => process.exit(0))
}
