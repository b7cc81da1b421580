/**
 * The few values of ASN.1 that a certificate is made of, as DER (ITU-T X.690): written, and of a certificate read back as far as its
 * issuer needs. What must stay true: nothing here decides anything; whatever was made with it is parsed by node's own OpenSSL before
 * it leaves this folder.
 */
function encode(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content])
  const digits = content.length.toString(16)
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, content])
}

/** Of dotted numbers. */
function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const groups = [number % 128]
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left % 128))
    return groups
  })
  return encode(0x06, Buffer.from(bytes))
}

/** UTCTime until 2049, GeneralizedTime from 2050, as RFC 5280 section 4.1.2.5 has it. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return ms < Date.UTC(2050, 0)
    ? encode(0x17, Buffer.from(digits.slice(2)))
    : encode(0x18, Buffer.from(digits))
}

interface DerValue {
  readonly tag: number
  /** With tag and length. */
  readonly whole: Buffer
  readonly content: Buffer
}

/** The values that stand one after the other in `bytes`. Throws RangeError for what is no DER. */
function readAll(bytes: Buffer): DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length;) {
    const short = bytes.readUInt8(at + 1)
    const more = short < 0x80 ? 0 : short & 0x7f
    const length = more === 0 ? short : bytes.readUIntBE(at + 2, more)
    const start = at + 2 + more
    if (start + length > bytes.length) throw new RangeError('a value ends beyond its end')
    values.push({
      tag: bytes.readUInt8(at),
      whole: bytes.subarray(at, start + length),
      content: bytes.subarray(start, start + length),
    })
    at = start + length
  }
  return values
}

export const DER = {
  objectId,
  time,
  readAll,
  boolean: (value: boolean) => encode(0x01, Buffer.of(value ? 0xff : 0)),
  /** Of a positive number, its bytes with the highest first. */
  integer: (bytes: Uint8Array) =>
    encode(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes])),
  bits: (bytes: Uint8Array, unused = 0) => encode(0x03, Buffer.of(unused), bytes),
  octets: (bytes: Uint8Array) => encode(0x04, bytes),
  none: encode(0x05),
  text: (text: string) => encode(0x0c, Buffer.from(text)),
  sequence: (...parts: readonly Uint8Array[]) => encode(0x30, ...parts),
  set: (...parts: readonly Uint8Array[]) => encode(0x31, ...parts),
  /** [number], around a whole value. */
  explicit: (number: number, ...parts: readonly Uint8Array[]) => encode(0xa0 | number, ...parts),
  /** [number], in the place of the value's own tag. */
  implicit: (number: number, bytes: Uint8Array) => encode(0x80 | number, bytes),
} as const
