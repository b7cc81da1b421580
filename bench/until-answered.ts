/** Asks a DNS server on loopback until it answers a name with an address; throws when it does not in time. */
import { setTimeout as delay } from 'node:timers/promises'
import { askDns } from '../src/adapters/dns-client/ask-dns.ts'

const GIVE_UP_MS = 10_000

export async function untilAnswered(port: number, name: string): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS
  for (;;) {
    const answer = await askDns({ address: '127.0.0.1', port }, { name, type: 'A' }, 200)
    if (answer.kind === 'answer' && answer.values.length > 0) return
    if (performance.now() > deadline) throw new Error(`${name} was not answered within ${GIVE_UP_MS} ms`)
    await delay(10)
  }
}
