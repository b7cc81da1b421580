/**
 * Asks nameservers as a resolver does, at a steady rate, and judges every reply: a process of its own, told over IPC (JudgingLoad)
 * what to ask and which answers are right.
 * What must stay true: a question whose nameserver does not reply in time goes to the next one, and has failed when all of them
 * were asked twice in vain; a reply is judged even when it comes late; each is right by what was the truth when it was asked, or is
 * now. Time in which this process itself stood still is not held against a nameserver.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { encodeQuestion, parseReply, type DnsReply } from '../../../src/adapters/dns-client/message.ts'

export interface JudgedQuestion {
  readonly name: string
  readonly type: 'A' | 'TXT'
  /** Every answer that is right: its values, sorted. */
  readonly right: readonly (readonly string[])[]
}

export type JudgingOrder =
  | {
      readonly kind: 'start'
      readonly servers: readonly { readonly address: string; readonly port: number }[]
      readonly perSec: number
      readonly questions: readonly JudgedQuestion[]
    }
  /** The same ones, of which other answers are right now. */
  | { readonly kind: 'truth'; readonly questions: readonly JudgedQuestion[] }
  /** Asks nothing more, waits for what is under way, tells, and ends. */
  | { readonly kind: 'end' }

export interface JudgedCounts {
  readonly asked: number
  readonly forMs: number
  readonly right: number
  readonly wrong: number
  /** NOERROR with no record, and NXDOMAIN. */
  readonly empty: number
  /** SERVFAIL and whatever else is no answer. */
  readonly refused: number
  /** No nameserver replied. */
  readonly failed: number
  /** Answered by the first nameserver that was asked, by the second one... */
  readonly byTry: readonly number[]
  /** Replies that came when the next nameserver was asked already. */
  readonly late: number
  /** Of those that were not right. */
  readonly examples: readonly string[]
}

const TICK_MS = 2
/** A tick that took longer was this process standing still. */
const LONGEST_TICK_MS = 20
/** As long as a resolver waits for a nameserver that it does not know yet (Unbound: 376 ms). */
const REPLY_WITHIN_MS = 400
const ROUNDS = 2
/** At most so many in a tick: more would overflow the buffer of a nameserver's socket. */
const BURST = 40
const IN_FLIGHT = 20_000
const EXAMPLES = 10
/** Different replies that are remembered. */
const REPLIES = 1_000

interface Asked {
  readonly question: number
  /** When it was asked. */
  readonly truth: readonly JudgedQuestion[]
  readonly firstServer: number
  tries: number
  isDone: boolean
}

interface Try {
  readonly asked: Asked
  readonly number: number
  readonly untilMs: number
}

class JudgingClient {
  readonly #perSec: number
  readonly #sockets: readonly Socket[]
  /** By server and id. An id comes again after half a minute and more: a late reply finds its question. */
  readonly #tries: readonly Map<number, Try>[]
  readonly #nextId: number[]
  /** In the order in which their time is over. */
  readonly #waiting: Try[] = []
  readonly #counts = {
    ...{ asked: 0, forMs: 0, right: 0, wrong: 0, empty: 0, refused: 0, failed: 0, late: 0 },
    byTry: [] as number[],
    examples: [] as string[],
  }
  #truth: readonly JudgedQuestion[]
  /** With the id 0. */
  readonly #encoded: readonly Buffer[]
  /** By question and bytes: most replies are one of a few, and to read each anew would cost more than to ask. */
  readonly #known = new Map<string, DnsReply | null>()
  /** Without the time in which this process stood still. */
  #awakeMs = 0
  #inFlight = 0
  #isEnding = false

  constructor({ servers, perSec, questions }: Extract<JudgingOrder, { kind: 'start' }>) {
    this.#perSec = perSec
    this.#truth = questions
    this.#encoded = questions.map((question) => encodeQuestion(0, question))
    this.#tries = servers.map(() => new Map<number, Try>())
    this.#nextId = servers.map(() => 0)
    this.#sockets = servers.map(({ address, port }, server) => {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1_024 * 1_024 })
      socket.on('message', (bytes) => {
        this.#onReply(server, bytes)
      })
      // A closed port: the time-out says the same.
      socket.on('error', () => undefined)
      socket.connect(port, address)
      return socket
    })
  }

  set truth(questions: readonly JudgedQuestion[]) {
    this.#truth = questions
  }

  async run(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => once(socket, 'connect')))
    const startedMs = performance.now()
    let lastMs = startedMs
    while (!this.#isEnding || this.#inFlight > 0) {
      await delay(TICK_MS)
      const nowMs = performance.now()
      this.#awakeMs += Math.min(nowMs - lastMs, LONGEST_TICK_MS)
      lastMs = nowMs
      this.#askAgain()
      if (this.#isEnding) continue
      this.#counts.forMs = nowMs - startedMs
      const due = Math.floor((this.#counts.forMs / 1_000) * this.#perSec) - this.#counts.asked
      for (let left = Math.min(due, BURST, IN_FLIGHT - this.#inFlight); left > 0; left -= 1) this.#ask()
    }
  }

  end(): void {
    this.#isEnding = true
  }

  close(): JudgedCounts {
    for (const socket of this.#sockets) socket.close()
    return this.#counts
  }

  #ask(): void {
    const index = this.#counts.asked
    this.#counts.asked += 1
    this.#inFlight += 1
    const asked: Asked = {
      ...{ question: index % this.#truth.length, truth: this.#truth, tries: 0, isDone: false },
      // Neither one question nor one nameserver may always be first.
      firstServer: Math.floor(index / this.#truth.length) % this.#sockets.length,
    }
    this.#send(asked)
  }

  #send(asked: Asked): void {
    const server = (asked.firstServer + asked.tries) % this.#sockets.length
    const one: Try = { asked, number: asked.tries, untilMs: this.#awakeMs + REPLY_WITHIN_MS }
    asked.tries += 1
    const id = this.#nextId[server]!
    this.#nextId[server] = (id + 1) % 65_536
    this.#tries[server]?.set(id, one)
    this.#waiting.push(one)
    const bytes = Buffer.from(this.#encoded[asked.question]!)
    bytes.writeUInt16BE(id)
    this.#sockets[server]?.send(bytes)
  }

  /** What was not answered in time goes to the next nameserver. */
  #askAgain(): void {
    const first = this.#waiting.findIndex(({ untilMs }) => untilMs > this.#awakeMs)
    for (const { asked } of this.#waiting.splice(0, first === -1 ? this.#waiting.length : first)) {
      if (asked.isDone) continue
      if (asked.tries < ROUNDS * this.#sockets.length) this.#send(asked)
      else {
        this.#finish(asked)
        this.#counts.failed += 1
        this.#example(asked, 'no nameserver replied')
      }
    }
  }

  #onReply(server: number, bytes: Buffer): void {
    const id = bytes.length < 2 ? -1 : bytes.readUInt16BE(0)
    const one = this.#tries[server]?.get(id)
    if (one === undefined) return
    const { asked, number } = one
    const reply = this.#read(bytes, id, asked)
    if (reply === null) return
    this.#tries[server]?.delete(id)
    this.#judge(asked, reply)
    if (number + 1 < asked.tries || asked.isDone) this.#counts.late += 1
    if (asked.isDone) return
    this.#finish(asked)
    this.#counts.byTry[number] = (this.#counts.byTry[number] ?? 0) + 1
  }

  /** null: no reply to this question. */
  #read(bytes: Buffer, id: number, { question, truth }: Asked): DnsReply | null {
    const key = `${question} ${bytes.toString('latin1', 2)}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const parsed = parseReply(bytes, id, truth[question]!)
    const reply = parsed.kind === 'reply' ? parsed.reply : null
    if (this.#known.size >= REPLIES) this.#known.clear()
    this.#known.set(key, reply)
    return reply
  }

  #judge(asked: Asked, { rcode, answers }: DnsReply): void {
    const values = answers.map(({ text }) => text ?? '').sort()
    const isRight = [asked.truth, this.#truth].some((truth) =>
      truth[asked.question]?.right.some(
        (right) => right.length === values.length && right.every((value, at) => value === values[at]),
      ),
    )
    if (rcode === 'NOERROR' && isRight) {
      this.#counts.right += 1
      return
    }
    if (rcode === 'NXDOMAIN' || (rcode === 'NOERROR' && values.length === 0)) this.#counts.empty += 1
    else this.#counts[rcode === 'NOERROR' ? 'wrong' : 'refused'] += 1
    this.#example(asked, `${rcode} ${values.join(' ')}`)
  }

  #finish(asked: Asked): void {
    asked.isDone = true
    this.#inFlight -= 1
  }

  #example({ question, truth }: Asked, what: string): void {
    if (this.#counts.examples.length < EXAMPLES)
      this.#counts.examples.push(`${truth[question]?.name ?? ''} after ${this.#counts.asked}: ${what}`)
  }
}

let client: JudgingClient | null = null

process.on('message', (order: JudgingOrder) => {
  if (order.kind === 'truth') {
    if (client !== null) client.truth = order.questions
    process.send?.('taken')
  } else if (order.kind === 'end') client?.end()
  else {
    const started = new JudgingClient(order)
    client = started
    void started.run().then(() => {
      process.send?.(started.close(), () => {
        process.disconnect()
      })
    })
    process.send?.('taken')
  }
})
process.on('disconnect', () => process.exit(0))
