/**
 * Private keys under AES-256-GCM (NIST SP 800-38D), with a random nonce for each and the purpose as associated data.
 * What must stay true: of several key-encryption keys the first one seals and all of them open, so that one can be replaced;
 * no key and no opened text stands in a message.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { VaultError, type KeyVault } from '../../ports/key-vault.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

interface EncryptionKey {
  readonly name: string
  readonly bytes: Buffer
}

/** No key at all: for processes that hold none. */
export const CLOSED_VAULT: KeyVault = {
  hasKey: false,
  isCurrent: () => false,
  seal: () => {
    throw new VaultError(MISSING)
  },
  open: () => {
    throw new VaultError(MISSING)
  },
}
const MISSING = 'this process has no key-encryption key: give --dnssec-key-file or FAIRLEAD_DNSSEC_KEY'

/** `text` holds one key a line, base64 of 32 bytes; empty lines and those after '#' do not count. Throws VaultError. */
export function vaultOf(text: string): KeyVault {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const keys = lines.map((line, index): EncryptionKey => {
    const bytes = Buffer.from(line, 'base64')
    if (bytes.length !== KEY_BYTES || bytes.toString('base64').replace(/=+$/, '') !== line.replace(/=+$/, ''))
      throw new VaultError(
        `key ${index + 1} is not base64 of ${KEY_BYTES} bytes: make one with 'openssl rand -base64 ${KEY_BYTES}'`,
      )
    return { name: nameOf(bytes), bytes }
  })
  const [first] = keys
  if (first === undefined)
    throw new VaultError(`there is no key in it: make one with 'openssl rand -base64 ${KEY_BYTES}'`)
  return {
    hasKey: true,
    isCurrent: (sealed) => sealed.startsWith(`${first.name}.`),
    seal: (plain, purpose) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', first.bytes, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(purpose))
      const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${first.name}.${sealed.toString('base64')}`
    },
    open: (sealed, purpose) => openWith(keys, sealed, purpose),
  }
}

/** A new key-encryption key, in the form of the file. */
export function newEncryptionKey(): string {
  return randomBytes(KEY_BYTES).toString('base64')
}

function openWith(keys: readonly EncryptionKey[], sealed: string, purpose: string): string {
  const [name = '', body = ''] = sealed.split('.')
  const key = keys.find((one) => one.name === name)
  if (key === undefined)
    throw new VaultError(
      `the private key was encrypted with the key-encryption key ${name}, which is not here (here: ${keys.map((one) => one.name).join(', ')})`,
    )
  const bytes = Buffer.from(body, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(Buffer.from(purpose))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new VaultError('the encrypted private key was changed, or is that of another zone', { cause })
  }
}

/** Tells keys apart without giving anything of them away: the first 4 bytes of a digest. */
function nameOf(bytes: Buffer): string {
  return createHash('sha256').update('fairlead key-encryption key').update(bytes).digest('hex').slice(0, 8)
}
