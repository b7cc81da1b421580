/**
 * Is the DNS port free? Asked before PowerDNS is started, because with `reuseport` two servers of one user would share a
 * port in silence, each answering some of the queries.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { CommandError, EXIT } from '../../core/exit-code.ts'

/** Throws CommandError when UDP or TCP cannot be bound on one of the addresses. */
export async function checkPortFree(addresses: readonly string[], port: number): Promise<void> {
  for (const address of addresses) {
    await bindUdp(address, port).catch((error: unknown) => {
      throw explain(error, address, port)
    })
    await bindTcp(address, port).catch((error: unknown) => {
      throw explain(error, address, port)
    })
  }
}

async function bindUdp(address: string, port: number): Promise<void> {
  const socket = createSocket(address.includes(':') ? { type: 'udp6', ipv6Only: true } : 'udp4')
  try {
    socket.bind({ address, port, exclusive: true })
    await once(socket, 'listening')
  } finally {
    socket.close()
  }
}

async function bindTcp(host: string, port: number): Promise<void> {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') })
    await once(server, 'listening')
  } finally {
    server.close()
  }
}

function explain(cause: unknown, address: string, port: number): CommandError {
  const where = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  switch (cause instanceof Error && 'code' in cause ? cause.code : null) {
    case 'EADDRINUSE':
      return new CommandError(
        EXIT.portInUse,
        `the DNS address ${where} is in use by another program: stop that, or choose another with --dns-port`,
        { cause },
      )
    case 'EACCES':
      return new CommandError(
        EXIT.failure,
        `not allowed to listen on ${where}: ports below 1024 need root or CAP_NET_BIND_SERVICE; or choose --dns-port above 1023`,
        { cause },
      )
    case 'EADDRNOTAVAIL':
      return new CommandError(EXIT.badInput, `this machine has no address ${address} to serve DNS on`, { cause })
    default:
      return new CommandError(
        EXIT.failure,
        `cannot listen on ${where}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
  }
}
