/**
 * What the probes bench aims at, in a process of its own: a server each for TCP, HTTP and HTTPS that does as little as it can,
 * and counts. The count is the measure for every prober alike, so that none can count for itself.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net'
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

function serve({ cert, key }: TargetCertificate): void {
  const counts = { tcp: 0, http: 0, https: 0 }
  const answer = (service: ServiceName) => (socket: Socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (request: Buffer) => {
      counts[service] += 1
      if (request.includes('close')) socket.end(REPLY)
      else socket.write(REPLY)
    })
  }
  const servers = {
    tcp: createServer({ noDelay: true }, (socket) => {
      counts.tcp += 1
      socket.on('error', () => undefined)
      socket.resume()
    }),
    http: createServer({ noDelay: true }, answer('http')),
    https: createTlsServer({ cert, key, noDelay: true }, answer('https')),
  }
  servers.https.on('tlsClientError', () => undefined)
  let waiting = Object.keys(servers).length
  for (const server of Object.values(servers))
    server.listen({ port: 20000+Math.floor(Math.random()*9999), host: '0.0.0.0', backlog: BACKLOG }, () => {
      waiting -= 1
      if (waiting > 0) return
      const portOf = (name: ServiceName) => (servers[name].address() as AddressInfo).port
      process.send?.({ tcp: portOf('tcp'), http: portOf('http'), https: portOf('https') })
    })
  process.on('message', () => process.send?.({ ...counts }))
}

if (import.meta.main) {
  process.once('message', (certificate: TargetCertificate) => {
    serve(certificate)
  })
  process.on('disconnect', () => process.exit(0))
}
