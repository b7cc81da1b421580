/**
 * Many readers of one checker in a process of their own: `fanout-readers.ts FOLDER PORT COUNT`. Each has a connection with mutual
 * TLS and reads every frame whole, as a nameserver does; what they would make of it is left out.
 */
import { once } from 'node:events'
import { connect } from 'node:tls'
import { FrameDecoder } from '../src/adapters/transport/frame-decoder.ts'
import { MessageSplitter, withLength } from '../src/adapters/transport/message-splitter.ts'
import { NamePool } from '../src/adapters/transport/name-pool.ts'
import { encodeReaderMessage } from '../src/adapters/transport/reader-message.ts'
import { TlsIdentity } from '../src/adapters/transport/tls-identity.ts'
import { eventEndpoint } from './fanout-events.ts'
import { nowMs } from './propagation-client.ts'
import { tlsFilesIn } from './tls-files-in.ts'

/** Answered when every reader here has heard of this event; 'connected' when every reader has the whole state. */
export type ReadersRequest =
  { readonly kind: 'connected' } | { readonly kind: 'event'; readonly number: number }

export interface ReadersReply {
  /** When the last reader heard of it (nowMs). */
  readonly lastMs: number
}

const MAX_FRAME_BYTES = 64 * 1_024 * 1_024
const ALIVE_MS = 10_000
/** Handshakes under way at once. */
const CONNECTING = 8

class Readers {
  readonly #folder: string
  readonly #port: number
  readonly #names = new NamePool()
  readonly #count: number
  /** The event that comes next, and how many have heard of it. */
  #awaited = eventEndpoint(0)
  #heard = 0
  /** By number of the event. */
  readonly #heardByAll = [Promise.withResolvers<ReadersReply>()]

  constructor({
    folder,
    port,
    count,
  }: {
    readonly folder: string
    readonly port: number
    readonly count: number
  }) {
    this.#folder = folder
    this.#port = port
    this.#count = count
  }

  async connectAll(): Promise<void> {
    const tls = new TlsIdentity(tlsFilesIn(this.#folder, 'nameserver'))
    let left = this.#count
    const next = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        await this.#connect(tls)
      }
    }
    await Promise.all(Array.from({ length: CONNECTING }, next))
  }

  /** The one that comes next, or one that came. */
  async hearAll(number: number): Promise<ReadersReply> {
    const heard = this.#heardByAll[number]
    if (heard === undefined) throw new Error(`event ${number} is not the next one`)
    return await heard.promise
  }

  /** Resolves when the whole state is there. */
  async #connect(tls: TlsIdentity): Promise<void> {
    const socket = connect({
      ...{ ...tls.options, host: '127.0.0.1', port: this.#port, rejectUnauthorized: true },
      checkServerIdentity: () => undefined,
    })
    socket.setNoDelay(true)
    await once(socket, 'secureConnect')
    const whole = Promise.withResolvers<undefined>()
    const splitter = new MessageSplitter(MAX_FRAME_BYTES)
    const decoder = new FrameDecoder(this.#names)
    socket.on('data', (chunk: Uint8Array) => {
      for (const message of splitter.push(chunk)) {
        const { registers } = decoder.decode(message)
        whole.resolve(undefined)
        if (registers.some(({ endpoint, state }) => state === 'down' && endpoint === this.#awaited))
          this.#hear()
      }
    })
    socket.write(withLength(encodeReaderMessage({ kind: 'hello', outputs: false })))
    setInterval(() => {
      socket.write(withLength(encodeReaderMessage({ kind: 'alive' })))
    }, ALIVE_MS)
    await whole.promise
  }

  #hear(): void {
    this.#heard += 1
    if (this.#heard < this.#count) return
    this.#heardByAll.at(-1)?.resolve({ lastMs: nowMs() })
    this.#awaited = eventEndpoint(this.#heardByAll.length)
    this.#heardByAll.push(Promise.withResolvers<ReadersReply>())
    this.#heard = 0
  }
}

if (import.meta.main) {
  process.on('disconnect', () => process.exit(0))
  const [folder = '', port, count] = process.argv.slice(2)
  const readers = new Readers({ folder, port: Number(port), count: Number(count) })
  const connected = readers.connectAll()
  process.on('message', (request: ReadersRequest) => {
    const reply =
      request.kind === 'event' ? readers.hearAll(request.number) : connected.then(() => ({ lastMs: nowMs() }))
    void reply.then((message) => process.send?.(message satisfies ReadersReply))
  })
}
