/** `--ca-certificate` and `--ca-key`: an authority that somebody made themselves. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { reasonOf } from '../api/reason-of.ts'
import type { Io } from '../io.ts'

export interface OwnAuthorityOptions {
  readonly caCertificate?: string
  readonly caKey?: string
}

/** PEM; null: none is given. Throws CommandError. */
export function ownAuthority(
  { caCertificate, caKey }: OwnAuthorityOptions,
  io: Io,
): { readonly certificate: string; readonly key: string } | null {
  if (caCertificate === undefined && caKey === undefined) return null
  if (caCertificate === undefined || caKey === undefined)
    throw new CommandError(EXIT.badInput, '--ca-certificate and --ca-key go together')
  return { certificate: read(caCertificate, io), key: read(caKey, io) }
}

function read(path: string, io: Io): string {
  try {
    return readFileSync(resolve(io.workingDirectory, path), 'utf8')
  } catch (cause) {
    throw new CommandError(EXIT.fileAccess, `cannot read ${path}: ${reasonOf(cause)}`, { cause })
  }
}
