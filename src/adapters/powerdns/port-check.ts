/**
 * Is the DNS port free? Asked before PowerDNS is started, because with `reuseport` two servers of one user would share a
 * port in silence, each answering some of the queries.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { CommandError, EXIT } from '../../core/exit-code.ts'

export interface PortCheck {
  readonly addresses: readonly string[]
  readonly port: number
  /** How long a port in use may still become free: 0, or longer after a server of ours was ended. */
  readonly lingerMs: number
}

const RETRY_MS = 10

/** Throws CommandError when UDP or TCP cannot be bound on one of the addresses. */
export async function checkPortFree({ addresses, port, lingerMs }: PortCheck): Promise<void> {
  const deadline = performance.now() + lingerMs
  for (const address of addresses)
    for (const bind of [bindUdp, bindTcp])
      for (;;) {
        const error = await bind(address, port)
        if (error === null) break
        if (codeOf(error) !== 'EADDRINUSE' || performance.now() >= deadline)
          throw explain(error, address, port)
        await delay(RETRY_MS)
      }
}

/** Binds and lets go again; the result is what was in the way. */
async function bindUdp(address: string, port: number): Promise<unknown> {
  const socket = address.includes(':') ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4')
  try {
    socket.bind({ address, port, exclusive: true })
    await once(socket, 'listening')
    return null
  } catch (error) {
    return error
  } finally {
    socket.close()
  }
}

async function bindTcp(host: string, port: number): Promise<unknown> {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') })
    await once(server, 'listening')
    return null
  } catch (error) {
    return error
  } finally {
    server.close()
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}

function explain(cause: unknown, address: string, port: number): CommandError {
  const where = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  switch (codeOf(cause)) {
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
      return new CommandError(EXIT.badInput, `this machine has no address ${address} to serve DNS on`, {
        cause,
      })
    default:
      return new CommandError(
        EXIT.failure,
        `cannot listen on ${where}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
  }
}
