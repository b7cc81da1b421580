/** The key-encryption keys of a process, from a file or from the environment. */
import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { VaultError, type KeyVault } from '../../ports/key-vault.ts'
import { CLOSED_VAULT, newEncryptionKey, vaultOf } from './key-vault.ts'

export interface VaultSource {
  /** Absolute. */
  readonly file?: string | undefined
  /** The keys themselves, as the file would hold them. */
  readonly text?: string | undefined
  /** Make the file where it is not there. */
  readonly make?: boolean
  /** Where `text` comes from. */
  readonly variable?: string
}

/** Without a source: a vault that opens nothing. Throws CommandError. */
export function loadVault({ file, text, variable, make = false }: VaultSource): KeyVault {
  if (text !== undefined && text !== '') return parsed(text, variable ?? 'FAIRLEAD_DNSSEC_KEY')
  if (file === undefined) return CLOSED_VAULT
  return parsed(make ? readOrMake(file) : read(file), file)
}

function parsed(text: string, place: string): KeyVault {
  try {
    return vaultOf(text)
  } catch (cause) {
    if (!(cause instanceof VaultError)) throw cause
    throw new CommandError(EXIT.badInput, `${place}: ${cause.message}`, { cause })
  }
}

function read(path: string): string {
  try {
    const fd = openSync(path, 'r')
    try {
      if ((fstatSync(fd).mode & 0o007) !== 0)
        throw new CommandError(
          EXIT.badInput,
          `${path} is open to everybody on this machine: chmod 600 ${path}`,
        )
      return readFileSync(fd, 'utf8')
    } finally {
      closeSync(fd)
    }
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    throw new CommandError(EXIT.fileAccess, `cannot read ${path}: ${messageOf(cause)}`, { cause })
  }
}

/** It is there whole or not at all, whenever the power goes, and another process that makes it too does not lose its own. */
function readOrMake(path: string): string {
  if (existsSync(path)) return read(path)
  const unfinished = `${path}.${process.pid}.new`
  try {
    writeFileSync(unfinished, `${newEncryptionKey()}\n`, { mode: 0o600, flush: true })
    linkSync(unfinished, path)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'))
      throw new CommandError(EXIT.fileAccess, `cannot write ${path}: ${messageOf(cause)}`, { cause })
  } finally {
    rmSync(unfinished, { force: true })
  }
  return read(path)
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
