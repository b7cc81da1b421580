/**
 * A stream of bytes to messages: each is a u32, big-endian, and so many bytes.
 * What must stay true: memory follows the bytes that came, never a length that was promised; too long a message is refused at
 * its first four bytes.
 */
import { WireFault } from './wire-fault.ts'

const PREFIX = 4

export class MessageSplitter {
  readonly #maxBytes: number
  #chunks: Uint8Array[] = []
  #held = 0
  /** Length of the message under way; null while its prefix is not complete. */
  #expected: number | null = null

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The messages that are complete now. Throws WireFault for one that is longer than allowed. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    for (;;) {
      if (this.#expected === null) {
        if (this.#held < PREFIX) return
        const prefix = this.#take(PREFIX)
        this.#expected = new DataView(prefix.buffer, prefix.byteOffset, PREFIX).getUint32(0)
        if (this.#expected > this.#maxBytes)
          throw new WireFault(`a message of ${this.#expected} bytes (at most ${this.#maxBytes} are taken)`)
      }
      if (this.#held < this.#expected) return
      const message = this.#take(this.#expected)
      this.#expected = null
      yield message
    }
  }

  #take(count: number): Uint8Array {
    const [first] = this.#chunks
    const all = this.#chunks.length > 1 && (first?.length ?? 0) < count ? Buffer.concat(this.#chunks) : null
    if (all !== null) this.#chunks = [all]
    const source = this.#chunks[0] ?? new Uint8Array()
    const taken = source.subarray(0, count)
    if (source.length > count) this.#chunks[0] = source.subarray(count)
    else this.#chunks.shift()
    this.#held -= count
    return taken
  }
}

/** The message with its length before it. */
export function withLength(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PREFIX + message.length)
  new DataView(bytes.buffer).setUint32(0, message.length)
  bytes.set(message, PREFIX)
  return bytes
}
