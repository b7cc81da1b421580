/**
 * Asks all nameservers of the failover bench the same question over and over, as a process of its own, and tells when an answer
 * begins or ceases to hold the watched address. Times are CLOCK_MONOTONIC in ms, which all processes of a machine share.
 * What must stay true: each note is of the first reply that differs, so that a time is late by one round of questions at most.
 */
import { createSocket } from 'node:dgram'
import { encodeQuestion, parseReply, type Question } from '../src/adapters/dns-client/message.ts'
import { nowMs } from './propagation-client.ts'

export interface PollerOrder {
  readonly targets: readonly PollTarget[]
  /** What answers are looked through for. */
  readonly watched: string
}

export interface PollTarget {
  readonly address: string
  readonly port: number
  readonly name: string
}

/** `holds`: the address is in the answer; `right`: there is an answer without it; `empty`: none at all, or a failure. */
export type AnswerState = 'holds' | 'right' | 'empty'

export interface PollerNote {
  /** Index of the target. */
  readonly target: number
  readonly state: AnswerState
  readonly atMs: number
}

const EVERY_MS = 10

function poll({ targets, watched }: PollerOrder): void {
  for (const [index, { address, port, name }] of targets.entries()) {
    const question: Question = { name, type: 'A' }
    const socket = createSocket('udp4')
    let last: AnswerState | null = null
    let id = 0
    socket.on('error', () => undefined) // refused while a server starts
    socket.on('message', (bytes) => {
      const atMs = nowMs()
      // An answer to an older question is no news.
      const parsed = parseReply(bytes, id, question)
      if (parsed.kind === 'foreign') return
      const addresses = parsed.reply.answers.filter(({ type }) => type === 'A').map(({ text }) => text)
      const state = addresses.includes(watched) ? 'holds' : addresses.length > 0 ? 'right' : 'empty'
      if (state === last) return
      last = state
      process.send?.({ target: index, state, atMs } satisfies PollerNote)
    })
    socket.connect(port, address, () => {
      const ask = () => {
        id = (id + 1) % 65_536
        socket.send(encodeQuestion(id, question))
      }
      // Evenly apart, so that no server is asked in bursts.
      setTimeout(() => setInterval(ask, EVERY_MS), (index / targets.length) * EVERY_MS)
    })
  }
}

process.once('message', poll)
process.on('disconnect', () => process.exit(0))
