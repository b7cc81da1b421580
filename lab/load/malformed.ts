/**
 * Sends nonsense: `node malformed.ts FOR_MS ADDRESS:PORT...`. To each place by TCP, and to port 53 by UDP too: random bytes, a DNS
 * question that was cut or bent, the beginning of a TLS handshake with random bytes after it. The same bytes in every run.
 */
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { encodeQuestion } from '../../src/adapters/dns-client/message.ts'

const EVERY_MS = 10
const [, , forMs = '0', ...places] = process.argv
const udp = createSocket('udp4')
udp.on('error', () => undefined)

/** Mulberry32: a seed is all that it takes to send the same again. */
let state = 20_261_130
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below
}

const noise = (length: number) => Buffer.from(Array.from({ length }, () => random(256)))

function nonsense(): Buffer {
  const question = Buffer.from(encodeQuestion(random(65_536), { name: 'www.lab.test', type: 'A' }, {}))
  const kind = random(4)
  if (kind === 0) return noise(1 + random(600))
  if (kind === 1) return question.subarray(0, random(question.length))
  if (kind === 2)
    return Buffer.concat([Buffer.from([0x16, 0x03, 0x01, random(256), random(256)]), noise(random(300))])
  question.writeUInt8(random(256), random(question.length))
  return question
}

function sendByTcp(host: string, port: number): void {
  const socket = connect({ host, port })
  socket.setTimeout(2_000, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.resume().end(nonsense())
}

const timer = setInterval(() => {
  const [host = '', port = ''] = (places[random(places.length)] ?? '').split(':')
  if (port === '53' && random(2) === 0) udp.send(nonsense(), Number(port), host, () => undefined)
  else sendByTcp(host, Number(port))
}, EVERY_MS)
setTimeout(() => {
  clearInterval(timer)
  udp.close()
}, Number(forMs))
