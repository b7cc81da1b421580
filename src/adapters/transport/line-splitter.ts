/** A stream of bytes to lines of UTF-8, bounded: for newline-delimited JSON. */
import { WireFault } from './wire-fault.ts'

const NEWLINE = 0x0a

export class LineSplitter {
  readonly #maxBytes: number
  #chunks: Uint8Array[] = []
  #held = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that are complete now, empty ones left out. Throws WireFault for one that is longer than allowed. */
  *push(chunk: Uint8Array): Generator<string> {
    let rest = chunk
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      const line = Buffer.concat([...this.#chunks, rest.subarray(0, end)])
      this.#chunks = []
      this.#held = 0
      rest = rest.subarray(end + 1)
      this.#refuse(line.length)
      if (line.length > 0) yield line.toString('utf8')
    }
    if (rest.length === 0) return
    this.#held += rest.length
    this.#refuse(this.#held)
    this.#chunks.push(rest)
  }

  #refuse(length: number): void {
    if (length > this.#maxBytes) throw new WireFault(`a line of more than ${this.#maxBytes} bytes`)
  }
}
