/**
 * Writes numbers and text into bytes that grow as needed: the making half of the frame format (see byte-reader.ts).
 * What must stay true: whatever is written here is read back exactly by ByteReader.
 */
const FIRST_BYTES = 512
const ENCODER = new TextEncoder()

export class ByteWriter {
  #bytes = new Uint8Array(FIRST_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length] = value
    this.#length += 1
  }

  /** LEB128, 0 to 2^53 - 1. */
  varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.u8(rest)
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value)
    this.#length += 8
  }

  /** Length in bytes, then UTF-8. */
  text(value: string): void {
    // A UTF-16 unit takes three bytes at most; the length of nearly every text here fits into one.
    const most = value.length * 3
    this.#reserve(most + 5)
    const prefix = most < 0x80 ? 1 : 0
    if (prefix === 0) {
      const bytes = ENCODER.encode(value)
      this.varint(bytes.length)
      this.#bytes.set(bytes, this.#length)
      this.#length += bytes.length
      return
    }
    const { written } = ENCODER.encodeInto(value, this.#bytes.subarray(this.#length + 1))
    this.#bytes[this.#length] = written
    this.#length += 1 + written
  }

  /** Puts a u32, big-endian, over four bytes that were written before. */
  overwriteU32(at: number, value: number): void {
    this.#view.setUint32(at, value)
  }

  /** What was written. The writer is not to be used after it. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    bytes.set(this.#bytes)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}
