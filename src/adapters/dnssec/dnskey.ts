/** DNSKEY and DS records of a key: RFC 4034 2.1, 5.1.4 and appendix B. */
import { createHash } from 'node:crypto'
import { flagsOf, type SigningKey } from '../../core/model/dnssec.ts'

type PublicKey = Pick<SigningKey, 'role' | 'algorithm' | 'publicKey'>

const PROTOCOL = 3
/** RFC 8624 3.3: SHA-256 must be understood by all, SHA-384 may be given as well. */
const DIGESTS = [
  { type: 2, name: 'sha256' },
  { type: 4, name: 'sha384' },
] as const

/** Presentation format. */
export function dnskeyText(key: PublicKey): string {
  return `${flagsOf(key)} ${PROTOCOL} ${key.algorithm} ${key.publicKey}`
}

/** Presentation format, one for each digest type: the first is the one to give to the parent. */
export function dsTexts(zone: string, key: PublicKey): string[] {
  const data = dnskeyBytes(key)
  return DIGESTS.map(({ type, name }) => {
    const digest = createHash(name).update(wireName(zone)).update(data).digest('hex')
    return `${keyTag(key)} ${key.algorithm} ${type} ${digest}`
  })
}

/** RFC 4034 appendix B. */
export function keyTag(key: PublicKey): number {
  let sum = 0
  for (const [index, byte] of dnskeyBytes(key).entries()) sum += index % 2 === 0 ? byte * 256 : byte
  return (sum + Math.floor(sum / 65_536)) % 65_536
}

function dnskeyBytes(key: PublicKey): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(flagsOf(key))
  head[2] = PROTOCOL
  head[3] = key.algorithm
  return Buffer.concat([head, Buffer.from(key.publicKey, 'base64')])
}

/** Canonical form: small letters, no compression (RFC 4034 6.2). */
export function wireName(name: string): Buffer {
  const labels = name
    .split('.')
    .flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'ascii')])
  return Buffer.concat([...labels, Buffer.from([0])])
}
