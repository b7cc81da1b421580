/**
 * The connection of one reader to one checker: made again for as long as it is wanted.
 * What must stay true: a frame is handed on only when the certificate of the connection is that of the checker and site which
 * the frame names; after anything that is no frame the connection, and what was learnt of it, is given up.
 */
import { connect, type TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import type { Frame } from '../../core/health/frame.ts'
import { formatPeerIdentity } from '../../core/model/peer-identity.ts'
import type { Clock } from '../../ports/clock.ts'
import type { OnRefused } from '../../ports/refusals.ts'
import { Backoff } from './backoff.ts'
import { FrameDecoder } from './frame-decoder.ts'
import { MessageSplitter, withLength } from './message-splitter.ts'
import type { NamePool } from './name-pool.ts'
import { encodeReaderMessage, type ReaderMessage } from './reader-message.ts'
import type { Peer, TlsIdentity } from './tls-identity.ts'
import { WireFault } from './wire-fault.ts'

export interface FrameAddress {
  readonly site: string
  readonly name: string
  readonly address: string
  readonly port: number
}

export interface FrameConnectionOptions {
  readonly to: FrameAddress
  readonly tls: TlsIdentity
  /** With what the probes saw. */
  readonly outputs: boolean
  /** Shared with the connections to the other checkers. */
  readonly names: NamePool
  readonly clock: Clock
  readonly logger: Logger
  readonly onFrame: (frame: Frame) => void
  /** Somebody else serves at the address of the checker. */
  readonly onRefused?: OnRefused | undefined
}

/** 100,000 endpoints with their outputs are 9 MB. */
const MAX_FRAME_BYTES = 64 * 1_024 * 1_024
/** A checker says something every second: after so long it, or the way to it, is gone. */
const SILENT_MS = 5_000
const ALIVE_MS = 10_000
const BACKOFF = { firstMs: 200, maxMs: 5_000 }

export class FrameConnection {
  readonly #options: FrameConnectionOptions
  readonly #backoff = new Backoff(BACKOFF)
  readonly #timers = new Map<'retry' | 'silence' | 'alive', () => void>()
  #socket: TLSSocket | null = null
  #stopped = false
  readonly #endLooks: () => void
  #saidUnreachable = false
  #saidRefused = false

  constructor(options: FrameConnectionOptions) {
    this.#options = options
    this.#endLooks = options.tls.revocations.onLook(() => {
      this.#lookAgain()
    })
    this.#connect()
  }

  /** Asks the checker for its whole state. Nothing happens while there is no connection: each begins with one. */
  requestSnapshot(): void {
    this.#say({ kind: 'snapshot-request' })
  }

  stop(): void {
    this.#stopped = true
    this.#endLooks()
    this.#cancelTimers()
    this.#socket?.destroy()
    this.#socket = null
  }

  #connect(): void {
    const { to, tls, outputs, names } = this.#options
    const decoder = new FrameDecoder(names)
    const splitter = new MessageSplitter(MAX_FRAME_BYTES)
    const socket = connect({
      ...tls.options,
      host: to.address,
      port: to.port,
      rejectUnauthorized: true,
      // The certificate names the checker, not its address: see `secureConnect`.
      checkServerIdentity: () => undefined,
    })
    this.#socket = socket
    socket.setNoDelay(true)
    this.#watchSilence()
    socket.once('secureConnect', () => {
      const fault = faultOfPeer(tls.judge(socket), to)
      if (fault !== null) {
        this.#refuse(fault)
        return
      }
      this.#say({ kind: 'hello', outputs })
      this.#sayAlive()
    })
    socket.on('data', (chunk: Uint8Array) => {
      if (this.#socket !== socket) return
      try {
        for (const message of splitter.push(chunk)) this.#take(decoder.decode(message))
      } catch (error) {
        if (!(error instanceof WireFault)) throw error
        this.#fail(`what it sent is no frame: ${error.message}`)
      }
    })
    socket.once('error', (error: Error) => {
      if (this.#socket !== socket) return
      if (isOurRefusal(error)) this.#refuse(error.message)
      else this.#fail(error.message)
    })
    socket.once('close', () => {
      if (this.#socket === socket) this.#fail('it ended the connection')
    })
  }

  /** Its certificate may have been revoked since. */
  #lookAgain(): void {
    const { tls, to } = this.#options
    if (this.#socket?.authorized !== true) return
    const fault = faultOfPeer(tls.judge(this.#socket), to)
    if (fault !== null) this.#refuse(fault)
    else if (tls.isOutdated(this.#socket)) this.#makeAnew()
  }

  /** By the certificates of now, at once; nothing is wrong. */
  #makeAnew(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.destroy()
    this.#cancelTimers()
    this.#connect()
  }

  #take(frame: Frame): void {
    const { to, logger, onFrame } = this.#options
    if (frame.checker !== to.name || frame.site !== to.site) {
      this.#refuse(`it speaks for checker ${frame.checker} in site ${frame.site}`)
      return
    }
    if (this.#stopped) return
    this.#saidRefused = false
    if (this.#saidUnreachable) logger.info(`checker ${to.name} in site ${to.site} is heard again`)
    this.#saidUnreachable = false
    this.#backoff.reset()
    this.#watchSilence()
    onFrame(frame)
  }

  /** It is somebody else, which is worth more than a word in the log. */
  #refuse(reason: string): void {
    const { to, onRefused } = this.#options
    if (!this.#saidRefused)
      onRefused?.({
        who: formatPeerIdentity({ role: 'checker', site: to.site, name: to.name }),
        ...{ from: to.address, reason: `as a checker: ${reason}`, vouched: true },
      })
    this.#saidRefused = true
    this.#fail(reason)
  }

  #fail(reason: string): void {
    const { to, clock, logger } = this.#options
    const socket = this.#socket
    this.#socket = null
    socket?.destroy()
    this.#cancelTimers()
    if (this.#stopped) return
    if (!this.#saidUnreachable)
      logger.warn(`checker ${to.name} in site ${to.site} is not heard at ${to.address}:${to.port}: ${reason}`)
    this.#saidUnreachable = true
    this.#timers.set(
      'retry',
      clock.after(this.#backoff.next(Math.random()), () => {
        this.#connect()
      }),
    )
  }

  #watchSilence(): void {
    this.#timers.get('silence')?.()
    const cancel = this.#options.clock.after(SILENT_MS, () => {
      // What came while this process was held up is read in this turn of the loop: then the other end was not silent.
      const immediate = setImmediate(() => {
        this.#fail(`nothing came for ${SILENT_MS / 1_000} s`)
      })
      this.#timers.set('silence', () => {
        clearImmediate(immediate)
      })
    })
    this.#timers.set('silence', cancel)
  }

  #sayAlive(): void {
    const cancel = this.#options.clock.after(ALIVE_MS, () => {
      this.#say({ kind: 'alive' })
      this.#sayAlive()
    })
    this.#timers.set('alive', cancel)
  }

  #say(message: ReaderMessage): void {
    if (this.#socket?.authorized === true) this.#socket.write(withLength(encodeReaderMessage(message)))
  }

  #cancelTimers(): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }
}

function faultOfPeer(peer: Peer, to: FrameAddress): string | null {
  if (peer.kind === 'refused') return peer.reason
  if (peer.kind === 'unknown') return 'it shows no certificate'
  const { identity } = peer
  if (identity.role === 'checker' && identity.site === to.site && identity.name === to.name) return null
  return `its certificate is that of ${formatPeerIdentity(identity)}`
}

/** Of the handshake: what the other end showed or said is not to be believed. An alert is the other end's refusal, not ours. */
function isOurRefusal(error: NodeJS.ErrnoException): boolean {
  const { code = '' } = error
  return (
    /^(?:ERR_(?:SSL|TLS)_|UNABLE_TO_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_)/.test(code) &&
    !code.includes('ALERT')
  )
}
