/** Cryptography of DNSSEC that control needs: new keys, and the records that say what they are. */
import type { DnssecAlgorithm, SigningKey } from '../core/model/dnssec.ts'

type PublicKey = Pick<SigningKey, 'role' | 'algorithm' | 'publicKey'>

export interface DnssecKeys {
  /** `publicKey` is base64; `privateText` is what PowerDNS reads. */
  newPair(algorithm: DnssecAlgorithm): Promise<{ readonly publicKey: string; readonly privateText: string }>
  /** RFC 4034 appendix B. */
  tagOf(key: PublicKey): number
  /** Data of the DNSKEY record in presentation format. */
  dnskeyOf(key: PublicKey): string
  /** Data of the DS records in presentation format, digest in small letters: SHA-256 first, then SHA-384. */
  dsOf(zone: string, key: PublicKey): readonly string[]
}
