/** The extensions of our certificates (RFC 5280 section 4.2), and the two things that an issuer lends to those that it issues. */
import { createHash, type KeyObject, type X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { DER } from './der.ts'

const ID = {
  commonName: '2.5.4.3',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectNames: '2.5.29.17',
  constraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return DER.sequence(DER.objectId(id), ...(isCritical ? [DER.boolean(true)] : []), DER.octets(value))
}

/** Name of the key for others to point at: SHA-1 of its bits, as RFC 5280 section 4.2.1.2 proposes. No security rests on it. */
function keyId(key: KeyObject): Buffer {
  const [, bits] = DER.readAll(
    DER.readAll(key.export({ type: 'spki', format: 'der' }))[0]?.content ?? Buffer.of(),
  )
  return createHash('sha1')
    .update(bits?.content.subarray(1) ?? '')
    .digest()
}

function nameOf(text: string): Buffer {
  const version = isIP(text)
  if (version === 0) return DER.implicit(2, Buffer.from(text, 'latin1'))
  return DER.implicit(7, Uint8Array.from(ipaddr.parse(text).toByteArray()))
}

interface Issuer {
  /** DER, byte for byte what the issuer's own certificate says of itself. */
  readonly name: Buffer
  readonly keyId: Buffer
}

/** Of the certificate of an authority. */
function issuerOf(certificate: X509Certificate): Issuer {
  const body = DER.readAll(
    DER.readAll(DER.readAll(certificate.raw)[0]?.content ?? Buffer.of())[0]?.content ?? Buffer.of(),
  )
  // The version comes first, where there is one: [0].
  const fields = body[0]?.tag === 0xa0 ? body.slice(1) : body
  const subject = fields[4]?.whole
  if (subject === undefined) throw new RangeError('a certificate without a subject')
  const extensions = DER.readAll(fields.find(({ tag }) => tag === 0xa3)?.content ?? Buffer.of())[0]?.content
  const wanted = DER.objectId(ID.subjectKey)
  for (const { content } of DER.readAll(extensions ?? Buffer.of())) {
    const parts = DER.readAll(content)
    if (parts[0]?.whole.equals(wanted) !== true) continue
    const [id] = DER.readAll(parts.at(-1)?.content ?? Buffer.of())
    if (id !== undefined) return { name: subject, keyId: id.content }
  }
  return { name: subject, keyId: keyId(certificate.publicKey) }
}

export const FIELDS = {
  issuerOf,
  keyId,
  commonName: (text: string) =>
    DER.sequence(DER.set(DER.sequence(DER.objectId(ID.commonName), DER.text(text)))),
  /** Signs certificates and lists of them, and nothing below it does. */
  authorityExtensions: (id: Buffer) => [
    extension(ID.constraints, true, DER.sequence(DER.boolean(true), DER.integer(Buffer.of(0)))),
    extension(ID.keyUsage, true, DER.bits(Buffer.of(0b0000_0110), 1)),
    extension(ID.subjectKey, false, DER.octets(id)),
  ],
  /** Signs handshakes of both sides. */
  nodeExtensions: (key: KeyObject, issuer: Issuer, about: { identity: string; names: readonly string[] }) => [
    extension(ID.constraints, true, DER.sequence()),
    extension(ID.keyUsage, true, DER.bits(Buffer.of(0b1000_0000), 7)),
    extension(
      ID.extendedUsage,
      false,
      DER.sequence(DER.objectId(ID.serverAuth), DER.objectId(ID.clientAuth)),
    ),
    extension(
      ID.subjectNames,
      false,
      DER.sequence(DER.implicit(6, Buffer.from(about.identity, 'latin1')), ...about.names.map(nameOf)),
    ),
    extension(ID.subjectKey, false, DER.octets(keyId(key))),
    extension(ID.authorityKey, false, DER.sequence(DER.implicit(0, issuer.keyId))),
  ],
} as const
