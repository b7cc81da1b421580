/**
 * Makes certificates: X.509 (RFC 5280), keys of the curve P-256, signed by node's own OpenSSL, which reads each of them before it is
 * handed out. What must stay true: the key of an authority is nowhere but in its object; a certificate begins ten minutes before
 * now, for those whose clocks are late.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto'
import {
  AuthorityError,
  type Authorities,
  type Authority,
  type AuthorityFacts,
  type AuthorityMaterial,
  type CertificateOrder,
  type IssuedCertificate,
} from '../../ports/authority.ts'
import { FIELDS } from './certificate-fields.ts'
import { endorsedText } from './accept-authorities.ts'
import { fingerprintOf } from './fingerprint.ts'
import { DER } from './der.ts'

/** Clocks may be off by five minutes: that of who issues ahead, that of who verifies behind. */
const BEFORE_MS = 2 * 5 * 60_000
const AUTHORITY_LIFE_MS = 10 * 365 * 86_400_000
const SERIAL_BYTES = 16

interface Body {
  readonly serial: Buffer
  readonly issuerName: Buffer
  readonly subject: Buffer
  readonly nowMs: number
  readonly lifeMs: number
  readonly publicKey: KeyObject
  readonly extensions: readonly Buffer[]
}

export const authorities: Authorities = {
  create: (nowMs) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const serial = newSerial()
    // Of two authorities that are known in one place each has a name of its own.
    const name = FIELDS.commonName(`Fairlead authority ${serial.subarray(0, 4).toString('hex')}`)
    const certificate = signed(privateKey, {
      ...{ serial, issuerName: name, subject: name, nowMs, lifeMs: AUTHORITY_LIFE_MS, publicKey },
      extensions: FIELDS.authorityExtensions(FIELDS.keyId(publicKey)),
    })
    return { certificate: certificate.toString(), key: pemOf(privateKey) }
  },
  open: (material) => new SigningAuthority(material),
  read: (certificate) => factsOf(new X509Certificate(certificate)),
}

class SigningAuthority implements Authority {
  readonly certificate: string
  readonly fingerprint: string
  readonly publicKey: string
  readonly notAfterMs: number
  readonly #own: X509Certificate
  readonly #key: KeyObject
  readonly #issuer: ReturnType<typeof FIELDS.issuerOf>

  constructor({ certificate, key }: AuthorityMaterial) {
    this.#own = parsed('certificate', () => new X509Certificate(certificate))
    this.#key = parsed('key', () => createPrivateKey(key))
    if (!this.#own.ca) throw new AuthorityError('the certificate is not that of an authority (CA:TRUE)')
    if (!this.#own.checkIssued(this.#own) || !this.#own.verify(this.#own.publicKey))
      throw new AuthorityError(
        'another authority certified this one, and whatever that one certifies would be believed: one of its own is expected',
      )
    if (!this.#own.checkPrivateKey(this.#key))
      throw new AuthorityError('the key does not belong to the certificate')
    algorithmOf(this.#key)
    this.#issuer = FIELDS.issuerOf(this.#own)
    const facts = factsOf(this.#own)
    this.certificate = facts.certificate
    this.fingerprint = facts.fingerprint
    this.notAfterMs = facts.notAfterMs
    this.publicKey = this.#own.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  }

  issue({ publicKey, identity, names, nowMs, lifeMs }: CertificateOrder): IssuedCertificate {
    const key = publicKeyOf(publicKey)
    const serial = newSerial()
    const certificate = signed(this.#key, {
      ...{
        serial,
        issuerName: this.#issuer.name,
        publicKey: key,
        nowMs,
        lifeMs: this.#lifeWithin(nowMs, lifeMs),
      },
      subject: FIELDS.commonName(identity.split('/').at(-1) ?? ''),
      extensions: FIELDS.nodeExtensions(key, this.#issuer, { identity, names }),
    })
    if (!certificate.verify(this.#own.publicKey) || !certificate.checkIssued(this.#own))
      throw new AuthorityError('the certificate that was made does not verify')
    return {
      chain: `${certificate.toString()}${this.certificate}`,
      serial: certificate.serialNumber,
      notAfterMs: certificate.validToDate.getTime(),
    }
  }

  endorse({ certificate }: { readonly certificate: string }): string {
    return sign('sha256', endorsedText(new X509Certificate(certificate)), this.#key).toString('base64')
  }

  /** Nothing outlives the authority. */
  #lifeWithin(nowMs: number, lifeMs: number): number {
    const leftMs = this.notAfterMs - nowMs
    if (leftMs <= 0) throw new AuthorityError("the authority's own certificate has expired")
    return Math.min(lifeMs, leftMs)
  }
}

function signed(by: KeyObject, body: Body): X509Certificate {
  const { serial, issuerName, subject, nowMs, lifeMs, publicKey, extensions } = body
  const algorithm = algorithmOf(by)
  const toBeSigned = DER.sequence(
    DER.explicit(0, DER.integer(Buffer.of(2))),
    DER.integer(serial),
    algorithm,
    issuerName,
    DER.sequence(DER.time(nowMs - BEFORE_MS), DER.time(nowMs + lifeMs)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    DER.explicit(3, DER.sequence(...extensions)),
  )
  return new X509Certificate(DER.sequence(toBeSigned, algorithm, DER.bits(sign('sha256', toBeSigned, by))))
}

function factsOf(certificate: X509Certificate): AuthorityFacts {
  const notAfterMs = certificate.validToDate.getTime()
  return { certificate: certificate.toString(), fingerprint: fingerprintOf(certificate), notAfterMs }
}

function algorithmOf(key: KeyObject): Buffer {
  if (key.asymmetricKeyType === 'ec') return DER.sequence(DER.objectId('1.2.840.10045.4.3.2'))
  if (key.asymmetricKeyType === 'rsa') return DER.sequence(DER.objectId('1.2.840.113549.1.1.11'), DER.none)
  throw new AuthorityError(
    `a key of the kind ${key.asymmetricKeyType ?? 'none'} cannot sign here: EC or RSA is expected`,
  )
}

/** Never with the highest bit, nor with zeros in front: one number has one text. */
function newSerial(): Buffer {
  const bytes = randomBytes(SERIAL_BYTES)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes
}

function publicKeyOf(base64: string): KeyObject {
  const key = parsed('public key', () =>
    createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' }),
  )
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new AuthorityError('the public key is none of the curve P-256')
  return key
}

function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AuthorityError(`the ${what} cannot be read: ${reason}`, { cause })
  }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
