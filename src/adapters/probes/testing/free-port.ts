/**
 * A port that nothing holds, for UDP and TCP alike, on a loopback address: for tests alone.
 *
 * It is free at the moment of asking, and somebody binds it later. That stays true because nobody else takes it in between:
 * it lies below the range from which the system gives ports to those who ask for any (Linux: 32768 and up), and each process
 * counts through a window of its own, so that test files that run side by side never meet.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

const FIRST = 10_000
const COUNT = 22_000
/** Of ports: more than one process of a test run asks for. */
const WINDOW = 110

let asked = 0

export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = FIRST + ((process.pid * WINDOW + asked) % COUNT)
    asked += 1
    if (asked > COUNT) throw new Error(`no port of ${FIRST} to ${FIRST + COUNT - 1} is free on ${address}`)
    if (await isFree(port, address)) return port
  }
}

async function isFree(port: number, address: string): Promise<boolean> {
  const tcp = createServer()
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  try {
    await once(tcp.listen(port, address), 'listening')
    await once(udp.bind(port, address), 'listening')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  } finally {
    if (tcp.listening) await new Promise((resolve) => tcp.close(resolve))
    await new Promise<void>((resolve) => udp.close(resolve))
  }
}
