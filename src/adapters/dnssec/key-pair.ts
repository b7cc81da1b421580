/**
 * New key pairs of DNSSEC: the public half as a DNSKEY record has it, the private half in the text form that BIND and PowerDNS
 * read ("Private-key-format: v1.2"). Sources: RFC 3110 (RSA), RFC 6605 (ECDSA), RFC 8080 (Ed25519), PowerDNS 4.7 pdnsutil.
 */
import { generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { DNSSEC_ALGORITHMS, type DnssecAlgorithm } from '../../core/model/dnssec.ts'

const generate = promisify(generateKeyPair)
const RSA_BITS = 2_048

export interface DnssecKeyPair {
  /** Base64. */
  readonly publicKey: string
  readonly privateText: string
}

export async function newKeyPair(algorithm: DnssecAlgorithm): Promise<DnssecKeyPair> {
  const { privateKey } = await pairOf(algorithm)
  const jwk = privateKey.export({ format: 'jwk' })
  const fields = algorithm === 8 ? rsaFields(jwk) : [['PrivateKey', base64(jwk.d)]]
  const head = [
    ['Private-key-format', 'v1.2'],
    ['Algorithm', `${algorithm} (${DNSSEC_ALGORITHMS[algorithm]})`],
  ]
  return {
    publicKey: publicBytes(algorithm, jwk).toString('base64'),
    privateText: [...head, ...fields].map(([name, value]) => `${name}: ${value}\n`).join(''),
  }
}

function pairOf(algorithm: DnssecAlgorithm): Promise<{ privateKey: KeyObject }> {
  switch (algorithm) {
    case 8:
      return generate('rsa', { modulusLength: RSA_BITS })
    case 13:
      return generate('ec', { namedCurve: 'P-256' })
    case 14:
      return generate('ec', { namedCurve: 'P-384' })
    case 15:
      return generate('ed25519', {})
  }
}

function publicBytes(algorithm: DnssecAlgorithm, { n, e, x, y }: JsonWebKey): Buffer {
  if (algorithm !== 8) return Buffer.concat([bytes(x), algorithm === 15 ? Buffer.alloc(0) : bytes(y)])
  const exponent = bytes(e)
  return Buffer.concat([Buffer.from([exponent.length]), exponent, bytes(n)])
}

function rsaFields({ n, e, d, p, q, dp, dq, qi }: JsonWebKey): string[][] {
  return [
    ['Modulus', base64(n)],
    ['PublicExponent', base64(e)],
    ['PrivateExponent', base64(d)],
    ['Prime1', base64(p)],
    ['Prime2', base64(q)],
    ['Exponent1', base64(dp)],
    ['Exponent2', base64(dq)],
    ['Coefficient', base64(qi)],
  ]
}

function bytes(field: string | undefined): Buffer {
  if (field === undefined) throw new TypeError('a key without the field that its algorithm has')
  return Buffer.from(field, 'base64url')
}

function base64(field: string | undefined): string {
  return bytes(field).toString('base64')
}
