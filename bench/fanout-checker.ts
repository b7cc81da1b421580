/**
 * One checker's frames for as many readers as come: `fanout-checker.ts FOLDER`. The frame server is the product's own; it sends
 * what a checker of 30,000 endpoints does: a sixtieth of its registers once a second, and each change at once.
 */
import { pino } from 'pino'
import { systemClock } from '../src/adapters/clock/system-clock.ts'
import { FrameServer } from '../src/adapters/transport/frame-server.ts'
import { TlsIdentity } from '../src/adapters/transport/tls-identity.ts'
import type { ReportedRegister } from '../src/core/health/frame.ts'
import { ENDPOINTS, eventEndpoint } from './fanout-events.ts'
import { nowMs } from './propagation-client.ts'
import { tlsFilesIn } from './tls-files-in.ts'

export type FanoutRequest =
  | { readonly kind: 'count' }
  /** The endpoint of this event goes down now. */
  | { readonly kind: 'event'; readonly number: number }

export interface FanoutReply {
  readonly port: number
  readonly readers: number
  readonly dropped: number
  readonly sentBytes: number
  /** When the request was taken, before anything else was done (nowMs). */
  readonly atMs: number
}

const HEARTBEAT_MS = 1_000
const HEARTBEATS_PER_ROUND = 60

class FanoutChecker {
  readonly #server: FrameServer
  readonly #registers: ReportedRegister[]
  #sequence = 0
  #at = 0

  constructor(server: FrameServer) {
    this.#server = server
    this.#registers = Array.from({ length: ENDPOINTS }, (_, index) => ({
      endpoint: eventEndpoint(index),
      definition: index.toString(16).padStart(16, '0'),
      ...{ state: 'up', degraded: false, output: [] },
    }))
    this.#send(this.#registers, true)
  }

  beat(): void {
    const share = Math.ceil(ENDPOINTS / HEARTBEATS_PER_ROUND)
    this.#send(this.#registers.slice(this.#at, this.#at + share))
    this.#at = this.#at + share >= ENDPOINTS ? 0 : this.#at + share
  }

  fail(index: number): void {
    const register = { ...this.#registers[index]!, state: 'down' } as const
    this.#registers[index] = register
    this.#send([register])
  }

  #send(registers: readonly ReportedRegister[], snapshot = false): void {
    this.#sequence += 1
    this.#server.send({
      ...{ checker: 'ams-1', site: 'ams', incarnation: 1, sequence: this.#sequence, revision: 1 },
      ...{ fenced: false, loss: 0, registers, snapshot },
    })
  }
}

async function run(folder: string): Promise<void> {
  const server = new FrameServer({
    listen: { host: '127.0.0.1', port: 0 },
    tls: new TlsIdentity(tlsFilesIn(folder, 'checker')),
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    onRefused: () => undefined,
  })
  await server.listen()
  const checker = new FanoutChecker(server)
  setInterval(() => {
    checker.beat()
  }, HEARTBEAT_MS)
  process.on('message', (request: FanoutRequest) => {
    const atMs = nowMs()
    if (request.kind === 'event') checker.fail(request.number)
    const { readers, dropped, sentBytes } = server.stats()
    process.send?.({ port: server.port, readers, dropped, sentBytes, atMs } satisfies FanoutReply)
  })
}

if (import.meta.main) {
  process.on('disconnect', () => process.exit(0))
  await run(process.argv[2] ?? '')
}
