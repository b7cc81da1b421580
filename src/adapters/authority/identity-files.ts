/**
 * The certificate of a process in its data directory, as init and join write it and renewal replaces it.
 * What must stay true: key and certificate are one file, replaced as a whole, so that no crash leaves one of them without the other.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { replaceFile } from '../durable-file/replace-file.ts'

export interface IdentityFiles {
  readonly certificateFile: string
  readonly keyFile: string
  readonly caFile: string
}

export interface NodeKey {
  /** PEM. */
  readonly key: string
  /** DER of a SubjectPublicKeyInfo, base64. */
  readonly publicKey: string
}

export function identityFilesIn(dataDir: string): IdentityFiles {
  const file = join(dataDir, 'identity.pem')
  return { certificateFile: file, keyFile: file, caFile: join(dataDir, 'ca.pem') }
}

export function hasIdentity(dataDir: string): boolean {
  return existsSync(identityFilesIn(dataDir).certificateFile)
}

/** As `identityFilesIn`, for a process that needs them. Throws CommandError where there are none. */
export function identityFilesOf(dataDir: string): IdentityFiles {
  if (hasIdentity(dataDir)) return identityFilesIn(dataDir)
  throw new CommandError(
    EXIT.badInput,
    `there is no certificate in ${dataDir}, and nothing listens without one: 'fairlead join' writes it ('fairlead init' that of a control), or give certificateFile, keyFile and caFile`,
  )
}

export function newNodeKey(): NodeKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return nodeKeyOf(privateKey, publicKey)
}

export function nodeKeyOf(privateKey: KeyObject, publicKey: KeyObject): NodeKey {
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  }
}

/** The authority first: an identity that is there can be used. */
export async function writeIdentity(
  dataDir: string,
  { key, chain, authority }: { readonly key: string; readonly chain: string; readonly authority?: string },
): Promise<void> {
  const { certificateFile, caFile } = identityFilesIn(dataDir)
  if (authority !== undefined) await replaceFile(caFile, authority)
  await replaceFile(certificateFile, `${key}${chain}`)
}
