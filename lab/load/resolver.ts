/**
 * The clients: `node resolver.ts NAME QUESTIONS_PER_SEC ASKED...`, each ASKED a nameserver as JSON. Asks all of them at a fixed rate,
 * by UDP and TCP, by IPv4 and IPv6, for A and AAAA in turn, and prints an observation a line. It ends when its stdin does.
 * What must stay true: a question is asked when its time has come, whatever the ones before it are waiting for.
 */
import { DnsClient } from '../../src/adapters/dns-client/dns-client.ts'
import { monotonicMs } from '../monotonic-ms.ts'
import type { Asked, Observation } from './observation.ts'

/** Of a resolver that has other nameservers to ask. */
const TIMEOUT_MS = 1_500

const [, , name = '', rate = '', ...asked] = process.argv
const intervalMs = 1_000 / Number(rate)

function askOne(about: Asked, turn: number): void {
  const family = turn & 1 ? 6 : 4
  const type = turn & 2 ? 'AAAA' : 'A'
  const transport = turn & 4 ? 'tcp' : 'udp'
  const client = new DnsClient({ address: family === 4 ? about.v4 : about.v6, port: about.port })
  const askedMs = monotonicMs()
  void client.ask(name, type, { timeoutMs: TIMEOUT_MS, tcp: transport === 'tcp' }).then((answer) => {
    const observation: Observation = {
      ...{ nameserver: about.nameserver, transport, family, type, askedMs, tookMs: monotonicMs() - askedMs },
      rcode: answer.kind === 'answer' ? answer.rcode : null,
      values: answer.kind === 'answer' ? answer.values : [],
    }
    process.stdout.write(`${JSON.stringify(observation)}\n`)
  })
}

for (const [index, about] of asked.entries()) {
  const parsed = JSON.parse(about) as Asked
  let turn = 0
  setTimeout(
    () => {
      setInterval(() => {
        askOne(parsed, (turn += 1))
      }, intervalMs)
    },
    (index / asked.length) * intervalMs,
  )
}
process.stdin.resume().once('end', () => process.exit())
