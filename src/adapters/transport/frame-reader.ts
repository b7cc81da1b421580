/**
 * One reader of frames as the checker sees it: a connection, what it asked for, and how far it is behind.
 * What must stay true: a reader that leaves too much unread, says nothing for long, or says what no reader says, is ended.
 */
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../ports/clock.ts'
import { MessageSplitter } from './message-splitter.ts'
import { formatPeerIdentity, type PeerIdentity } from '../../core/model/peer-identity.ts'
import { decodeReaderMessage, MAX_READER_MESSAGE_BYTES } from './reader-message.ts'
import { WireFault } from './wire-fault.ts'

export interface FrameReaderOptions {
  readonly socket: TLSSocket
  readonly peer: PeerIdentity
  readonly clock: Clock
  readonly maxUnread: () => number
  /** It said hello, or asks for a whole state. */
  readonly onWants: () => void
  /** Once; `fault` null: it went by itself. */
  readonly onEnd: (fault: string | null) => void
}

/** Three times what a reader lets pass between two words. */
const SILENT_MS = 30_000

export class FrameReader {
  readonly name: string
  needsWhole = false
  wantsOutputs = false
  readonly #options: FrameReaderOptions
  readonly #splitter = new MessageSplitter(MAX_READER_MESSAGE_BYTES)
  #greeted = false
  #ended = false
  #cancelSilence: () => void = () => undefined

  constructor(options: FrameReaderOptions) {
    this.#options = options
    const { socket, peer } = options
    this.name = `${formatPeerIdentity(peer)} at ${socket.remoteAddress ?? 'an address that is gone'}`
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 10_000)
    socket.on('data', (chunk: Uint8Array) => {
      this.#hear(chunk)
    })
    socket.on('error', () => {
      this.#end(null)
    })
    socket.once('close', () => {
      this.#end(null)
    })
    this.#watchSilence()
  }

  write(bytes: Uint8Array): void {
    const { socket, maxUnread } = this.#options
    if (this.#ended) return
    if (socket.writableLength > maxUnread()) this.#end(`it left ${socket.writableLength} bytes unread`)
    else socket.write(bytes)
  }

  #hear(chunk: Uint8Array): void {
    if (this.#ended) return
    try {
      for (const bytes of this.#splitter.push(chunk)) this.#take(bytes)
    } catch (error) {
      if (!(error instanceof WireFault)) throw error
      this.#end(error.message)
    }
  }

  #take(bytes: Uint8Array): void {
    const message = decodeReaderMessage(bytes)
    if ((message.kind === 'hello') === this.#greeted) throw new WireFault('hello comes first, and once')
    this.#watchSilence()
    if (message.kind === 'alive') return
    if (message.kind === 'hello') {
      this.#greeted = true
      this.wantsOutputs = message.outputs
    }
    this.needsWhole = true
    this.#options.onWants()
  }

  #watchSilence(): void {
    this.#cancelSilence()
    this.#cancelSilence = this.#options.clock.after(SILENT_MS, () => {
      this.#end(`it said nothing for ${SILENT_MS / 1_000} s`)
    })
  }

  #end(fault: string | null): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancelSilence()
    this.#options.socket.destroy()
    this.#options.onEnd(fault)
  }
}
