/**
 * All that a nameserver is told, from a process of its own: `verdict-checkers.ts FOLDER`. A control's feed, and the frames of
 * 15 checkers as they send them: one sixtieth of 100,000 registers once a second, and each change at once. The nameserver
 * reaches the frames through relays that count what passes, TLS and all.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { pino } from 'pino'
import { systemClock } from '../src/adapters/clock/system-clock.ts'
import { FrameServer } from '../src/adapters/transport/frame-server.ts'
import { LocalFeed } from '../src/adapters/transport/local-feed.ts'
import { NodeServer } from '../src/adapters/transport/node-server.ts'
import { NO_TRUST } from '../src/adapters/transport/testing/no-trust.ts'
import { TlsIdentity } from '../src/adapters/transport/tls-identity.ts'
import type { Frame, ReportedRegister } from '../src/core/health/frame.ts'
import type { NodeReport } from '../src/ports/report.ts'
import { tlsFilesIn } from './tls-files-in.ts'
import { CHECKERS, registersOf, verdictWorld, type CheckerName } from './verdict-world.ts'

/** `calm`: nothing changes. `changes`: so many endpoints a second fail, and are back half a minute later. */
export type CheckersRequest =
  { readonly kind: 'start' } | { readonly kind: 'count' } | { readonly kind: 'fail'; readonly perSec: number }

export interface CheckersReply {
  readonly controlPort: number
  /** What the nameserver said last of itself. */
  readonly ready: boolean
  readonly answers: number
  /** From checkers to the nameserver since the start: of TCP payload, and of packets that carried it. */
  readonly bytes: number
  readonly packets: number
  readonly failures: number
}

const HEARTBEAT_MS = 1_000
const HEARTBEATS_PER_ROUND = 60
/** A failure is suspected, found again by the next fast probe, and over after a while. */
const COURSE = [
  { afterMs: 0, state: 'suspect' },
  { afterMs: 1_000, state: 'down' },
  { afterMs: 30_000, state: 'up' },
] as const

const clock = systemClock
const logger = pino({ level: 'silent' })

class SimulatedChecker {
  readonly #about: CheckerName
  readonly #server: FrameServer
  readonly #incarnation = Math.floor(clock.wallMs() / 1_000)
  #sequence = 0
  #at = 0

  constructor(about: CheckerName, server: FrameServer) {
    this.#about = about
    this.#server = server
  }

  send(registers: readonly ReportedRegister[], snapshot = false): void {
    this.#sequence += 1
    const { name: checker, site } = this.#about
    const frame: Frame = {
      ...{ checker, site, incarnation: this.#incarnation, sequence: this.#sequence, revision: 1 },
      ...{ fenced: false, loss: 0, gridMs: Math.round(clock.monotonicMs()), registers, snapshot },
    }
    this.#server.send(frame)
  }

  beat(registers: readonly ReportedRegister[]): void {
    const share = Math.ceil(registers.length / HEARTBEATS_PER_ROUND)
    this.send(registers.slice(this.#at, this.#at + share))
    this.#at = this.#at + share >= registers.length ? 0 : this.#at + share
  }
}

const traffic = { bytes: 0, packets: 0 }

/** In the way between a nameserver and one checker; the result is its port. */
async function relay(port: number): Promise<number> {
  const server = createServer((near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true })
    near.setNoDelay(true)
    far.on('data', (chunk: Buffer) => {
      traffic.bytes += chunk.length
      traffic.packets += Math.ceil(chunk.length / MAX_SEGMENT_BYTES)
    })
    join(near, far)
    join(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const MAX_SEGMENT_BYTES = 1_448

function join(from: Socket, to: Socket): void {
  from.pipe(to)
  from.on('error', () => to.destroy())
  from.once('close', () => to.destroy())
}

async function run(folder: string): Promise<void> {
  const tls = (name: string) => new TlsIdentity(tlsFilesIn(folder, name))
  const listen = { host: '127.0.0.1', port: 0 }
  const checkers: SimulatedChecker[] = []
  const ports: number[] = []
  const onRefused = () => undefined
  for (const about of CHECKERS) {
    const server = new FrameServer({ listen, tls: tls(about.name), clock, logger, onRefused })
    await server.listen()
    checkers.push(new SimulatedChecker(about, server))
    ports.push(await relay(server.port))
  }
  const configuration = verdictWorld(ports)
  const feed = new LocalFeed()
  feed.publish({ revision: 1, configuration })
  const said = { ready: false, answers: 0, failures: 0 }
  const control = new NodeServer({
    ...{ listen, tls: tls('control'), feed, clock, logger, instance: 'bench', onRefused, trust: NO_TRUST },
    store: { revision: () => Promise.resolve(null), revisionsAfter: () => Promise.resolve([]) },
    refresh: () => Promise.resolve(),
    onReport: (report: NodeReport) => {
      if (report.kind === 'nameserver') said.ready = report.report.ready
      if (report.kind === 'published') said.answers += report.answers.length
    },
  })
  await control.listen()
  const registers = registersOf(configuration)
  for (const checker of checkers) checker.send(registers, true)
  for (const [index, checker] of checkers.entries())
    setTimeout(
      () => {
        setInterval(() => {
          checker.beat(registers)
        }, HEARTBEAT_MS)
      },
      (index * HEARTBEAT_MS) / checkers.length,
    )
  let next = 0
  const fail = () => {
    const register = registers[(next * 7_919) % registers.length]!
    next += 1
    said.failures += 1
    for (const { afterMs, state } of COURSE)
      for (const checker of checkers)
        // As on a grid: each probes at another time.
        setTimeout(
          () => {
            checker.send([{ ...register, state }])
          },
          afterMs + Math.random() * HEARTBEAT_MS,
        )
  }
  process.on('message', (request: CheckersRequest) => {
    if (request.kind === 'fail') setInterval(fail, 1_000 / request.perSec)
    process.send?.({ controlPort: control.port, ...said, ...traffic } satisfies CheckersReply)
  })
}

if (import.meta.main) {
  process.on('disconnect', () => process.exit(0))
  await run(process.argv[2] ?? '')
}
