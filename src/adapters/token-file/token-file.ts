/**
 * The token that the CLI on this machine finds by itself: one line, readable by its owner only. The file is replaced as a
 * whole, so that a crash leaves the old token or the new one, never a part.
 */
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { CommandError, EXIT } from '../../core/exit-code.ts'

export interface TokenFile {
  readonly path: string
  /** null when there is no file, or none that holds a token. Takes other people's permissions off it. */
  read(): string | null
  write(token: string): void
}

/** Throws CommandError when the file is there but cannot be read, or cannot be written. */
export function tokenFile(path: string): TokenFile {
  return {
    path,
    read: () => guarded(path, () => readToken(path)),
    write: (token) => {
      guarded(path, () => {
        writeFileSync(`${path}.new`, `${token}\n`, { mode: 0o600, flush: true })
        chmodSync(`${path}.new`, 0o600)
        renameSync(`${path}.new`, path)
      })
    },
  }
}

function readToken(path: string): string | null {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return null
  chmodSync(path, 0o600)
  const text = readFileSync(path, 'utf8').trim()
  return /^[\x21-\x7e]{16,512}$/.test(text) ? text : null
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(EXIT.fileAccess, `cannot use the token file ${path}: ${reason}`, { cause })
  }
}
