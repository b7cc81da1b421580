/**
 * The token that the CLI on this machine finds by itself: one line, readable by its owner only. The file is replaced as a
 * whole, so that a crash leaves the old token or the new one, never a part.
 */
import { chmodSync, readFileSync, statSync } from 'node:fs'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { replaceFile } from '../durable-file/replace-file.ts'

export interface TokenFile {
  readonly path: string
  /** null when there is no file, or none that holds a token. Takes other people's permissions off it. */
  read(): string | null
  write(token: string): Promise<void>
}

/** Throws CommandError when the file is there but cannot be read, or cannot be written. */
export function tokenFile(path: string): TokenFile {
  return {
    path,
    read: () => {
      try {
        return readToken(path)
      } catch (cause) {
        throw fileFault(path, cause)
      }
    },
    write: async (token) => {
      try {
        await replaceFile(path, `${token}\n`)
      } catch (cause) {
        throw fileFault(path, cause)
      }
    },
  }
}

function readToken(path: string): string | null {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return null
  chmodSync(path, 0o600)
  const text = readFileSync(path, 'utf8').trim()
  return /^[\x21-\x7e]{16,512}$/.test(text) ? text : null
}

function fileFault(path: string, cause: unknown): CommandError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new CommandError(EXIT.fileAccess, `cannot use the token file ${path}: ${reason}`, { cause })
}
