/** A port that nothing holds, for UDP and TCP alike, on a loopback address. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (;;) {
    const tcp = createServer().listen(0, address)
    await once(tcp, 'listening')
    const bound = tcp.address()
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const free = await new Promise<boolean>((resolve) => {
      udp.once('error', () => {
        resolve(false)
      })
      udp.bind(port, address, () => {
        udp.close()
        resolve(true)
      })
    })
    await new Promise((resolve) => tcp.close(resolve))
    if (free) return port
  }
}
