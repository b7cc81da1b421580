/**
 * Sends nonsense: `node malformed.ts FOR_MS PLACE...`, a place as JSON. To each by TCP, and to port 53 by UDP too: random bytes, a DNS
 * question that was cut or bent, the beginning of a TLS handshake with random bytes after it; with a certificate after a handshake too.
 * The same bytes in every run. Exit code 1, and which, where a place was never connected to.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { connect, isIPv6, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { encodeQuestion } from '../../src/adapters/dns-client/message.ts'

export interface MalformedPlace {
  readonly host: string
  readonly port: number
  /** Of one that is let in, without the endings .pem and .key; null: a stranger. */
  readonly certificate: string | null
}

const EVERY_MS = 10
const [, , forMs = '0', ...words] = process.argv
const places = words.map((word) => JSON.parse(word) as MalformedPlace)
const never = new Set(places)
const udp: Readonly<Record<'udp4' | 'udp6', UdpSocket>> = {
  udp4: createSocket('udp4').on('error', () => undefined),
  udp6: createSocket('udp6').on('error', () => undefined),
}

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

/** A message between Fairlead's processes begins with its length: one that is true, so that what is in it is read. */
function framed(): Buffer {
  const body = noise(1 + random(60))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return random(2) === 0 ? body : Buffer.concat([length, body])
}

function open({ host, port, certificate }: MalformedPlace): Socket {
  if (certificate === null) return connect({ host, port })
  const [cert, key] = ['pem', 'key'].map((ending) => readFileSync(`${certificate}.${ending}`))
  // Whom it talks to does not matter to who sends nonsense.
  return connectTls({ host, port, cert, key, rejectUnauthorized: false })
}

function sendByTcp(place: MalformedPlace): void {
  const socket = open(place)
  socket.setTimeout(2_000, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.once(place.certificate === null ? 'connect' : 'secureConnect', () => never.delete(place))
  socket.resume().end(place.certificate === null ? nonsense() : framed())
}

const timer = setInterval(() => {
  const place = places[random(places.length)]
  if (place === undefined) return
  const { host, port } = place
  if (port === 53 && random(2) === 0)
    udp[isIPv6(host) ? 'udp6' : 'udp4'].send(nonsense(), port, host, () => undefined)
  else sendByTcp(place)
}, EVERY_MS)
setTimeout(() => {
  clearInterval(timer)
  for (const socket of Object.values(udp)) socket.close()
  for (const { host, port } of never) process.stderr.write(`never connected to ${host} port ${port}\n`)
  process.exitCode = never.size === 0 ? 0 : 1
}, Number(forMs))
