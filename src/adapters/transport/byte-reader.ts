/**
 * Reads what ByteWriter wrote, out of bytes that anybody may have sent.
 * What must stay true: it never reads past the end, never makes more memory than the bytes that are there, and says what is
 * wrong by throwing WireFault.
 */
import { WireFault } from './wire-fault.ts'

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    const value = this.#bytes[this.#at]
    if (value === undefined) throw new WireFault('the message ends too early')
    this.#at += 1
    return value
  }

  /** At most `max`, which is at most 2^53 - 1. */
  varint(max: number, what: string): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (value > max) throw new WireFault(`${what} is more than ${max}`)
      if (byte < 0x80) return value
      scale *= 0x80
      // Longer than any number needs: zeros without end are no number.
      if (scale > 2 ** 56) throw new WireFault(`${what} is no number`)
    }
  }

  f64(): number {
    if (this.left < 8) throw new WireFault('the message ends too early')
    const value = this.#view.getFloat64(this.#at)
    this.#at += 8
    return value
  }

  text(maxBytes: number, what: string): string {
    const bytes = this.take(this.varint(maxBytes, `the length of ${what}`))
    try {
      return DECODER.decode(bytes)
    } catch {
      throw new WireFault(`${what} is not UTF-8`)
    }
  }

  /** The next bytes, not copied. */
  take(count: number): Uint8Array {
    if (count > this.left) throw new WireFault('the message ends too early')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  end(): void {
    if (this.left > 0) throw new WireFault(`${this.left} bytes too many`)
  }
}
