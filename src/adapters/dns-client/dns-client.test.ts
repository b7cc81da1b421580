import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { decode, encode, type Packet } from 'dns-packet'
import { afterEach, expect, it } from 'vitest'
import { DnsClient } from './dns-client.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A UDP server that answers with what `reply` makes of the query: none, one or several datagrams. */
async function udpServer(reply: (query: Packet, bytes: Buffer) => readonly Buffer[]): Promise<number> {
  const socket: Socket = createSocket('udp4')
  socket.on('message', (bytes, peer) => {
    for (const datagram of reply(decode(bytes), bytes)) socket.send(datagram, peer.port, peer.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  closing.push(() => socket.close())
  return socket.address().port
}

function answer(query: Packet, overrides: Partial<Packet> = {}): Buffer {
  const { id = 0, questions = [] } = query
  return encode({
    type: 'response',
    id,
    flags: 0x0400,
    questions,
    answers: [{ type: 'A', name: 'www.example.test', ttl: 7, data: '192.0.2.1' }],
    ...overrides,
  })
}

const ask = (port: number, timeoutMs = 2_000) =>
  new DnsClient({ address: '127.0.0.1', port }).ask('www.example.test', 'A', { timeoutMs })

it('takes the answer to its own question', async () => {
  const port = await udpServer((query) => [answer(query)])
  expect(await ask(port)).toEqual({
    kind: 'answer',
    rcode: 'NOERROR',
    authoritative: true,
    values: ['192.0.2.1'],
    ttlSec: 7,
  })
})

it('passes over other ids, other questions, trailing bytes, queries and rubbish until the right one comes', async () => {
  const port = await udpServer((query, bytes) => [
    answer(query, { id: ((query.id ?? 0) + 1) % 65_536 }),
    answer(query, { questions: [{ type: 'A', name: 'other.example.test' }] }),
    answer(query, { questions: [{ type: 'AAAA', name: 'www.example.test' }] }),
    Buffer.concat([answer(query), Buffer.from([0])]),
    bytes,
    bytes.subarray(0, 5),
    answer(query).subarray(0, 30),
    answer(query, { answers: [{ type: 'A', name: 'www.example.test', ttl: 1, data: '192.0.2.9' }] }),
  ])
  expect(await ask(port)).toMatchObject({ values: ['192.0.2.9'] })
})

it('says so when nobody answers, and when nobody listens', async () => {
  const silent = await udpServer(() => [])
  expect(await ask(silent, 30)).toEqual({ kind: 'no-answer', detail: 'no reply within 30 ms' })
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  expect(await ask(port)).toMatchObject({ kind: 'no-answer' })
})

it('asks again over TCP when the reply was truncated, even if it comes in pieces', async () => {
  const server = createServer((stream) => {
    stream.on('data', (bytes) => {
      const reply = answer(decode(bytes.subarray(2)))
      stream.write(Buffer.from([0]))
      stream.write(Buffer.concat([Buffer.from([reply.length]), reply.subarray(0, 9)]))
      setImmediate(() => stream.write(reply.subarray(9)))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const udp = createSocket('udp4')
  udp.on('message', (bytes, peer) => {
    udp.send(answer(decode(bytes), { flags: 0x0600, answers: [] }), peer.port, peer.address)
  })
  udp.bind(address.port, '127.0.0.1')
  await once(udp, 'listening')
  closing.push(() => udp.close())
  expect(await ask(address.port)).toMatchObject({ values: ['192.0.2.1'], ttlSec: 7 })
})
