/**
 * Asks one DNS server one question: UDP, then TCP when the reply was truncated (RFC 7766). For the read-back of what was
 * published, and for tests and benches. No retries: the caller knows what a lost packet means to it.
 * What must stay true: each question has its own random id and port; only a reply to it, from the server asked, is taken.
 */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import type { DnsAnswer } from '../../ports/dns-server.ts'
import { encodeQuestion, parseReply, type DnsReply, type QueryOptions, type Question } from './message.ts'

export interface DnsTarget {
  readonly address: string
  readonly port: number
}

export interface AskOptions extends QueryOptions {
  readonly timeoutMs?: number
  readonly tcp?: boolean
}

export type AskOutcome =
  | { readonly kind: 'reply'; readonly reply: DnsReply }
  /** Nothing usable came: a time-out, a refused port, a broken stream. */
  | { readonly kind: 'no-reply'; readonly detail: string }

const DEFAULT_TIMEOUT_MS = 1_000

export class DnsClient {
  readonly #target: DnsTarget

  constructor(target: DnsTarget) {
    this.#target = target
  }

  /** Never throws. UDP and TCP have `timeoutMs` each. */
  async query(question: Question, options: AskOptions = {}): Promise<AskOutcome> {
    if (options.tcp === true) return this.#overTcp(question, options)
    const outcome = await this.#overUdp(question, options)
    if (outcome.kind === 'reply' && outcome.reply.truncated) return this.#overTcp(question, options)
    return outcome
  }

  /** The reply as the DnsServer port wants it: the values of the asked type, sorted. */
  async ask(name: string, type: Question['type'], options: AskOptions = {}): Promise<DnsAnswer> {
    const outcome = await this.query({ name, type }, options)
    if (outcome.kind === 'no-reply') return { kind: 'no-answer', detail: outcome.detail }
    const { rcode, authoritative, answers, ttlSec } = outcome.reply
    const values = answers.flatMap((record) => (record.type === type ? (record.text ?? []) : [])).sort()
    return { kind: 'answer', rcode, authoritative, values, ttlSec }
  }

  #overUdp(question: Question, options: AskOptions): Promise<AskOutcome> {
    const { address, port } = this.#target
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options
    const { promise, resolve } = Promise.withResolvers<AskOutcome>()
    const id = randomInt(65_536)
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const finish = (outcome: AskOutcome) => {
      clearTimeout(timer)
      socket.removeAllListeners('message').close()
      resolve(outcome)
    }
    const timer = setTimeout(() => {
      finish({ kind: 'no-reply', detail: `no reply within ${timeoutMs} ms` })
    }, timeoutMs)
    // Once: closing may report the same fault again, and a second listener keeps that from being thrown.
    socket.once('error', (error) => {
      finish({ kind: 'no-reply', detail: error.message })
    })
    socket.on('error', () => undefined)
    socket.on('message', (bytes) => {
      const parsed = parseReply(bytes, id, question)
      if (parsed.kind === 'reply') finish(parsed)
    })
    // Connected, so that the kernel drops what others send and reports a closed port at once.
    socket.connect(port, address, () => {
      socket.send(encodeQuestion(id, question, options))
    })
    return promise
  }

  #overTcp(question: Question, options: AskOptions): Promise<AskOutcome> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options
    const { promise, resolve } = Promise.withResolvers<AskOutcome>()
    const id = randomInt(65_536)
    const socket = connect({ host: this.#target.address, port: this.#target.port })
    const finish = (outcome: AskOutcome) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(outcome)
    }
    const fail = (detail: string) => {
      finish({ kind: 'no-reply', detail })
    }
    const timer = setTimeout(() => {
      fail(`no reply over TCP within ${timeoutMs} ms`)
    }, timeoutMs)
    let received = Buffer.alloc(0)
    socket.on('connect', () => socket.write(framed(encodeQuestion(id, question, options))))
    socket.on('error', (error) => {
      fail(error.message)
    })
    socket.on('close', () => {
      fail('the server closed the connection')
    })
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      const parsed = parseReply(received.subarray(2), id, question)
      if (parsed.kind === 'reply') finish(parsed)
      else fail(parsed.detail)
    })
    return promise
  }
}

/** RFC 1035 4.2.2: two bytes of length before the message. */
function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}
