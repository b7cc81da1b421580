/** Making TSIG keys. What must stay true: the secret leaves this module once, to whoever made the key; the store gets it sealed. */
import { randomBytes } from 'node:crypto'
import { tsigPurpose, type TSIG_ALGORITHMS, type TsigKey } from '../../core/model/tsig-key.ts'
import type { Clock } from '../../ports/clock.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import { ProblemError } from '../problem-error.ts'

/** As long as the digest (RFC 8945 6). */
const SECRET_BYTES = { 'hmac-sha256': 32, 'hmac-sha384': 48, 'hmac-sha512': 64 } as const
/** RFC 2104 3: shorter than this is not advised. */
const MIN_SECRET_BYTES = 16
const MAX_SECRET_BYTES = 512

export interface NewTsigKey {
  readonly name: string
  readonly algorithm: (typeof TSIG_ALGORITHMS)[number]
  /** Base64; made here if absent. */
  readonly secret?: string | undefined
}

/** The key for the store, and its secret. Throws ProblemError 'invalid'. */
export function newTsigKey(
  { name, algorithm, secret }: NewTsigKey,
  { vault, clock }: { readonly vault: KeyVault; readonly clock: Clock },
): { readonly key: TsigKey; readonly secret: string } {
  const faults = [
    ...(secret === undefined ? [] : secretFaults(secret)),
    ...(vault.hasKey ? [] : [{ pointer: '', message: NO_VAULT }]),
  ]
  if (faults.length > 0) throw new ProblemError('invalid', { faults })
  const text = secret ?? randomBytes(SECRET_BYTES[algorithm]).toString('base64')
  const sealed = vault.seal(text, tsigPurpose(name))
  return { key: { name, algorithm, createdAtMs: clock.wallMs(), sealed }, secret: text }
}

function secretFaults(secret: string): { pointer: string; message: string }[] {
  const bytes = Buffer.from(secret, 'base64')
  if (bytes.toString('base64') !== secret)
    return [{ pointer: '/secret', message: 'the secret is not base64 (RFC 4648 4), with its padding' }]
  if (bytes.length < MIN_SECRET_BYTES || bytes.length > MAX_SECRET_BYTES)
    return [
      {
        pointer: '/secret',
        message: `the secret has ${bytes.length} bytes: ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} are expected`,
      },
    ]
  return []
}

const NO_VAULT =
  'this control cannot keep secrets: start it, and every nameserver, with the same --dnssec-key-file (openssl rand -base64 32)'
