/**
 * The client of the serving bench, a process of its own: told over IPC whom to ask what, at which rate; tells how many replies
 * came, and whether they held an answer.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { encodeQuestion } from '../src/adapters/dns-client/message.ts'

export interface ServingOrder {
  readonly port: number
  readonly names: readonly string[]
  /** Sends a client subnet with each query, always another /24. */
  readonly sendsSubnet: boolean
  /** Asks for signatures too. */
  readonly dnssecOk?: boolean
  readonly queries: number
  readonly perSec: number
}
export interface ServingCount {
  readonly replies: number
  /** With at least one answer record. */
  readonly answered: number
}

const TICK_MS = 2
/** After the last query. */
const DRAIN_MS = 200
/** Different questions, made before the first is sent. */
const QUESTIONS = 4_096

async function ask({
  port,
  names,
  sendsSubnet,
  dnssecOk,
  queries,
  perSec,
}: ServingOrder): Promise<ServingCount> {
  const questions = Array.from({ length: QUESTIONS }, (_, index) => {
    const name = names[index % names.length] ?? ''
    const address = `${1 + (index % 199)}.${(index >> 4) & 255}.${(index * 7) & 255}.0`
    return encodeQuestion(
      index,
      { name, type: 'A' },
      {
        ...(sendsSubnet && { clientSubnet: { address, prefixLength: 24 } }),
        ...(dnssecOk && { dnssecOk }),
      },
    )
  })
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1_024 * 1_024 })
  let [replies, answered] = [0, 0]
  socket.on('message', (bytes) => {
    replies += 1
    if (bytes.readUInt16BE(6) > 0) answered += 1
  })
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const startedAtMs = performance.now()
  for (let sent = 0; sent < queries;) {
    const due = Math.min(queries, ((performance.now() - startedAtMs) / 1_000) * perSec)
    for (; sent < due; sent += 1) socket.send(questions[sent % QUESTIONS] as Buffer)
    await delay(TICK_MS)
  }
  await delay(DRAIN_MS)
  socket.close()
  return { replies, answered }
}

process.on('message', (order: ServingOrder) => {
  void ask(order).then((count) => process.send?.(count))
})
process.on('disconnect', () => process.exit(0))
