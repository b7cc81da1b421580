/**
 * Where a checker gives its frames to nameservers, controls and other checkers, over mutual TLS.
 * What must stay true: each reader gets a whole state first and every frame after it; in one turn of the loop a reader is sent
 * one frame and one whole state at most (invariant 11); whoever does not keep up is dropped, never waited for; sending takes
 * at most half of the loop's time, so that probes go on.
 */
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import { describeTlsFault } from '../../core/net/describe-tls-fault.ts'
import type { Frame } from '../../core/health/frame.ts'
import type { Clock } from '../../ports/clock.ts'
import type { FrameSink } from '../../ports/frames.ts'
import type { OnRefused } from '../../ports/refusals.ts'
import { encodeFrame } from './frame-encoder.ts'
import { FrameNumbering, type NumberedFrame } from './frame-numbering.ts'
import { FrameReader } from './frame-reader.ts'
import { FrameState } from './frame-state.ts'
import { listenAt } from './listen-at.ts'
import { withLength } from './message-splitter.ts'
import { SparseLog } from './sparse-log.ts'
import { refusalOf, type Peer, type TlsIdentity } from './tls-identity.ts'

export interface FrameServerOptions {
  readonly listen: { readonly host: string; readonly port: number }
  readonly tls: TlsIdentity
  readonly clock: Clock
  readonly logger: Logger
  readonly onRefused: OnRefused
  /** What a reader may leave unread, beside one whole state. */
  readonly maxUnreadBytes?: number
}

export interface FrameServerStats {
  readonly readers: number
  /** Since the start: connections with a certificate that may read. */
  readonly accepted: number
  /** Since the start: connections without one. */
  readonly refused: number
  /** Since the start: readers that did not keep up, or said what no reader says. */
  readonly dropped: number
  readonly sentBytes: number
}

const MAX_UNREAD_BYTES = 1_024 * 1_024
const MAX_READERS = 4_096
const HANDSHAKE_MS = 5_000
/** Whole states are made for all who wait at once, and this long apart at least. */
const WHOLE_SPACING_MS = 20
/** And so many times longer than the making took. */
const WHOLE_SPACING_FACTOR = 4

export class FrameServer implements FrameSink {
  readonly #options: FrameServerOptions
  readonly #server: Server
  readonly #log: SparseLog
  readonly #readers = new Set<FrameReader>()
  readonly #sockets = new Set<TLSSocket>()
  readonly #state = new FrameState()
  readonly #numbering = new FrameNumbering()
  readonly #ends: (() => void)[] = []
  #flush: { cancel(): void } | null = null
  #restUntilMs = 0
  #wholeNotBeforeMs = 0
  #wholeBytes = 0
  #accepted = 0
  #refused = 0
  #dropped = 0
  #sentBytes = 0

  constructor(options: FrameServerOptions) {
    this.#options = options
    this.#log = new SparseLog(options.logger, options.clock)
    const { tls } = options
    this.#server = createServer(
      // Whoever shows none that is good is refused by us, below, with a reason.
      { ...tls.options, requestCert: true, rejectUnauthorized: false, handshakeTimeout: HANDSHAKE_MS },
      (socket) => {
        this.#accept(socket)
      },
    )
    this.#server.maxConnections = MAX_READERS
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      const who = { from: socket.remoteAddress ?? '', who: '' }
      this.#refused += 1
      socket.destroy()
      // Other checkers connect and hang up once a second, to see whether the way to here is good.
      if (error.code !== 'ECONNRESET')
        this.#options.onRefused({ ...who, reason: `as a reader: ${describeTlsFault(error)}` })
    })
    this.#ends.push(
      tls.onReload(() => {
        this.#server.setSecureContext(tls.options)
      }),
      tls.revocations.onLook(() => {
        this.#lookAgain()
      }),
    )
  }

  /** Throws CommandError when the address cannot be had. */
  listen(): Promise<void> {
    return listenAt(this.#server, this.#options.listen, 'frames')
  }

  /** Valid once it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) end()
    this.#flush?.cancel()
    this.#flush = null
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve()
      })
    })
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  send(frame: Frame): void {
    this.#state.add(frame)
    this.#flushSoon()
  }

  /** Not needed: the state that all frames have come to is kept here, and a whole one for one reader is no gap for the others. */
  onSnapshotRequest(): void {
    return
  }

  stats(): FrameServerStats {
    const readers = this.#readers.size
    return {
      readers,
      accepted: this.#accepted,
      refused: this.#refused,
      dropped: this.#dropped,
      sentBytes: this.#sentBytes,
    }
  }

  #accept(socket: TLSSocket): void {
    const { clock, tls, maxUnreadBytes = MAX_UNREAD_BYTES } = this.#options
    const peer = tls.judge(socket)
    if (peer.kind !== 'known') {
      this.#refuse(socket, peer)
      return
    }
    this.#accepted += 1
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const reader = new FrameReader({
      ...{ socket, peer: peer.identity, clock },
      maxUnread: () => maxUnreadBytes + this.#wholeBytes,
      onWants: () => {
        this.#readers.add(reader)
        this.#flushSoon()
      },
      onEnd: (fault) => {
        this.#readers.delete(reader)
        if (fault === null) return
        this.#dropped += 1
        this.#log.warn(`${reader.name} was dropped: ${fault}`)
      },
    })
  }

  #refuse(socket: TLSSocket, peer: Exclude<Peer, { kind: 'known' }>): void {
    this.#refused += 1
    this.#options.onRefused({ from: socket.remoteAddress ?? '', ...refusalOf(peer, 'as a reader') })
    // What it may have sent already is nobody's fault.
    socket.on('error', () => undefined)
    socket.destroy()
  }

  /** Certificates have expired since, or were revoked. */
  #lookAgain(): void {
    for (const socket of this.#sockets) {
      const peer = this.#options.tls.judge(socket)
      if (peer.kind !== 'known') this.#refuse(socket, peer)
    }
  }

  /** At the end of this turn of the loop, or after a rest as long as the last sending took. */
  #flushSoon(): void {
    if (this.#flush !== null) return
    const restMs = this.#restUntilMs - this.#options.clock.monotonicMs()
    if (restMs > 1) {
      this.#flushAfter(restMs)
      return
    }
    const immediate = setImmediate(() => {
      this.#flush = null
      this.#sendAll()
    })
    this.#flush = {
      cancel: () => {
        clearImmediate(immediate)
      },
    }
  }

  #flushAfter(delayMs: number): void {
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#flush = null
      this.#sendAll()
    })
    this.#flush = { cancel }
  }

  #sendAll(): void {
    const { clock } = this.#options
    const startedMs = clock.monotonicMs()
    const frame = this.#state.take()
    if (frame !== null) {
      const message = lazily(this.#numbering.number(frame), false)
      for (const reader of this.#readers) if (!reader.needsWhole) this.#write(reader, message)
    }
    this.#sendWhole()
    const endedMs = clock.monotonicMs()
    this.#restUntilMs = endedMs + (endedMs - startedMs)
  }

  #sendWhole(): void {
    const waiting = [...this.#readers].filter((reader) => reader.needsWhole)
    if (waiting.length === 0) return
    const whole = this.#state.whole()
    if (whole === null) return
    const { clock } = this.#options
    const startedMs = clock.monotonicMs()
    const waitMs = this.#wholeNotBeforeMs - startedMs
    if (waitMs > 0) {
      this.#flushAfter(waitMs)
      return
    }
    const message = lazily(this.#numbering.whole(whole), true)
    this.#wholeBytes = message(waiting.some((reader) => reader.wantsOutputs)).length
    for (const reader of waiting) {
      reader.needsWhole = false
      this.#write(reader, message)
    }
    const endedMs = clock.monotonicMs()
    const spacingMs = Math.max(WHOLE_SPACING_MS, (endedMs - startedMs) * WHOLE_SPACING_FACTOR)
    this.#wholeNotBeforeMs = endedMs + spacingMs
  }

  #write(reader: FrameReader, message: (outputs: boolean) => Uint8Array): void {
    const bytes = message(reader.wantsOutputs)
    this.#sentBytes += bytes.length
    reader.write(bytes)
  }
}

/** The message, made once for each of the two kinds of readers, and only if there is one of the kind. */
function lazily(frame: NumberedFrame, reset: boolean): (outputs: boolean) => Uint8Array {
  const made = new Map<boolean, Uint8Array>()
  return (outputs) => {
    const known = made.get(outputs) ?? withLength(encodeFrame(frame, { reset, outputs }))
    made.set(outputs, known)
    return known
  }
}
