/**
 * The clients of the propagation bench, each a process of its own, so that they do not share an event loop with what they
 * measure. `load PORT RATE COUNT`: so many queries a second over all names. `poll PORT`: told of a name over IPC, asks for it
 * every fifth of a millisecond until the answer has changed, then keeps an eye on it for stale answers.
 * Times are CLOCK_MONOTONIC in ms (process.hrtime), which all processes of a machine share.
 */
import { createSocket } from 'node:dgram'
import { decode, encode } from 'dns-packet'

export interface PollRequest {
  readonly name: string
  readonly before: string
  readonly after: string
}
export type PollNote =
  | { readonly kind: 'polling'; readonly name: string }
  | { readonly kind: 'seen'; readonly name: string; readonly atMs: number }
  /** The last time at which the old answer was still given; sent when the watch over the name ends. */
  | { readonly kind: 'watched'; readonly name: string; readonly lastOldAtMs: number }

export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

const sleeping = new Int32Array(new SharedArrayBuffer(4))
const POLL_PAUSE_MS = 0.2
const WATCH_MS = 2_500
const WATCH_EVERY_MS = 10
/** A query that got lost must not end the polling. */
const REPEAT_MS = 200
const TICK_MS = 5

function question(name: string, id: number): Buffer {
  return encode({ type: 'query', id, flags: 0, questions: [{ type: 'A', name }] })
}

function firstAddress(bytes: Buffer): { name: string; address: string | null } {
  const packet = decode(bytes)
  const [record] = packet.answers ?? []
  return { name: packet.questions?.[0]?.name ?? '', address: record?.type === 'A' ? record.data : null }
}

function load(port: number, rate: number, count: number): void {
  const socket = createSocket('udp4')
  socket.on('message', () => undefined)
  const names = Array.from({ length: count }, (_, index) => `b${index}.example.test`)
  let sent = 0
  const startedAt = nowMs()
  socket.connect(port, '127.0.0.1', () => {
    setInterval(() => {
      const due = ((nowMs() - startedAt) / 1_000) * rate
      for (; sent < due; sent += 1)
        socket.send(question(names[Math.floor(Math.random() * count)] ?? '', sent & 0xffff))
    }, TICK_MS)
  })
}

function poll(port: number): void {
  const watched = new Map<string, PollRequest & { lastOldAtMs: number; seen: boolean; endsAtMs: number }>()
  const tell = (note: PollNote) => process.send?.(note)
  const socket = createSocket('udp4')
  let polled: string | null = null
  let lastSentAtMs = 0
  const ask = (name: string) => {
    if (name === polled) lastSentAtMs = nowMs()
    socket.send(question(name, Math.floor(Math.random() * 65_536)))
  }
  socket.on('message', (bytes) => {
    const atMs = nowMs()
    const { name, address } = firstAddress(bytes)
    const watch = watched.get(name)
    if (watch === undefined) return
    if (address === watch.before) watch.lastOldAtMs = atMs
    else if (address === watch.after && !watch.seen) {
      watch.seen = true
      watch.endsAtMs = atMs + WATCH_MS
      if (polled === name) polled = null
      tell({ kind: 'seen', name, atMs })
    }
    if (polled !== name) return
    // Sleeping leaves the CPU to the server: polling without a pause would be five times the load that is asked for.
    Atomics.wait(sleeping, 0, 0, POLL_PAUSE_MS)
    ask(name)
  })
  process.on('message', (request: PollRequest) => {
    watched.set(request.name, { ...request, lastOldAtMs: 0, seen: false, endsAtMs: Infinity })
    polled = request.name
    ask(request.name)
    tell({ kind: 'polling', name: request.name })
  })
  process.on('disconnect', () => process.exit(0))
  setInterval(() => {
    for (const [name, watch] of watched) {
      if (watch.endsAtMs < nowMs()) {
        watched.delete(name)
        tell({ kind: 'watched', name, lastOldAtMs: watch.lastOldAtMs })
      } else if (watch.seen || nowMs() - lastSentAtMs > REPEAT_MS) ask(name)
    }
  }, WATCH_EVERY_MS)
  socket.connect(port, '127.0.0.1')
}

if (import.meta.main) {
  const [mode, port, rate, count] = process.argv.slice(2)
  if (mode === 'load') load(Number(port), Number(rate), Number(count))
  else poll(Number(port))
  process.on('disconnect', () => process.exit(0))
}
