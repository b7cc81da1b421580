/**
 * Signs a DNS message with TSIG (RFC 8945 4.2, 5.1): a record at its end with an HMAC over the message and over what the record says.
 * Only requests are signed here; the keys of answers are checked by the servers that give and take zones.
 */
import { createHmac } from 'node:crypto'

export interface TsigSecret {
  readonly name: string
  /** Such as hmac-sha256. */
  readonly algorithm: string
  /** Base64. */
  readonly secret: string
}

const TYPE_TSIG = 250
const CLASS_ANY = 255
/** How far the clocks may be apart (RFC 8945 10). */
const FUDGE_SEC = 300
const ADDITIONAL_COUNT_AT = 10

/** `message` is a whole DNS message without TSIG. The result is another one, with it. */
export function signed(message: Buffer, key: TsigSecret, wallMs: number): Buffer {
  const name = wireName(key.name)
  const algorithm = wireName(key.algorithm)
  const time = uint48(Math.floor(wallMs / 1_000))
  const variables = Buffer.concat([
    ...[name, uint16(CLASS_ANY), uint32(0), algorithm, time, uint16(FUDGE_SEC)],
    ...[uint16(0), uint16(0)],
  ])
  const hmac = createHmac(key.algorithm.replace('hmac-', ''), Buffer.from(key.secret, 'base64'))
  const mac = hmac.update(message).update(variables).digest()
  const data = Buffer.concat([
    ...[algorithm, time, uint16(FUDGE_SEC), uint16(mac.length), mac],
    // The id of the message once more, no error, nothing else.
    ...[message.subarray(0, 2), uint16(0), uint16(0)],
  ])
  const record = Buffer.concat([
    ...[name, uint16(TYPE_TSIG), uint16(CLASS_ANY), uint32(0), uint16(data.length), data],
  ])
  const out = Buffer.concat([message, record])
  out.writeUInt16BE(message.readUInt16BE(ADDITIONAL_COUNT_AT) + 1, ADDITIONAL_COUNT_AT)
  return out
}

/** Canonical form: small letters, no compression. */
function wireName(name: string): Buffer {
  const labels = name.toLowerCase().split('.')
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'ascii')]),
    Buffer.from([0]),
  ])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function uint48(value: number): Buffer {
  const bytes = Buffer.alloc(6)
  bytes.writeUIntBE(value, 0, 6)
  return bytes
}
