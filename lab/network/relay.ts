/**
 * Holds the frames of slow links: `node relay.ts PORT PORT:PORT PORT ...`, one ONE:OTHER a link. Whatever comes to a port by UDP leaves,
 * after the delay of its link, from the other port of the link to the peer of that one, which is a thousand ports above it. A line on
 * stdin is the number of a link, from 0, and its delay in ms, one way; before its first line a link carries nothing. Prints a line once it
 * listens, and ends when its stdin does.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { monotonicMs } from '../monotonic-ms.ts'
import { DelayLine } from './delay-line.ts'
import { LOOPBACK, peerPort } from './relay-ports.ts'

/** Frames of each direction: 150 ms of 20,000 packets a second. */
const CAPACITY = 3_000
/** As much as a process may ask for; for the moments in which this one does not run. */
const BUFFER_BYTES = 212_992

async function listen(port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(port, LOOPBACK)
  await once(socket, 'listening')
  socket.setRecvBufferSize(BUFFER_BYTES)
  return socket
}

function carry(from: Socket, to: Socket): DelayLine<Buffer> {
  const line = new DelayLine<Buffer>(CAPACITY)
  const port = peerPort(to.address().port)
  let isWaiting = false
  const move = () => {
    isWaiting = false
    for (const frame of line.leave(monotonicMs())) to.send(frame, port, LOOPBACK)
    wait()
  }
  const wait = () => {
    if (isWaiting || line.nextMs === null) return
    isWaiting = true
    setTimeout(move, Math.max(0, line.nextMs - monotonicMs()))
  }
  from.on('message', (frame) => {
    if (line.enter(frame, monotonicMs())) wait()
  })
  return line
}

const links: (readonly DelayLine<Buffer>[])[] = []
for (const pair of process.argv.slice(2)) {
  const [one, other] = await Promise.all(pair.split(':').map((port) => listen(Number(port))))
  if (one !== undefined && other !== undefined) links.push([carry(one, other), carry(other, one)])
}
createInterface({ input: process.stdin })
  .on('line', (text) => {
    const [link = -1, delayMs = 0] = text.split(' ').map(Number)
    for (const line of links[link] ?? []) line.delayMs = delayMs
  })
  .once('close', () => process.exit())
console.log('listening')
