/**
 * The login that is kept in a directory, as somebody who talks to its control: to end it there.
 * What must stay true: its token goes to its own address alone, by its own authorities.
 */
import { setDefaultCACertificates } from 'node:tls'
import { CommandError } from '../../core/exit-code.ts'
import type { Io } from '../io.ts'
import { printable } from '../output/printable.ts'
import { ApiClient, TokenRefusedError } from './api-client.ts'
import { findConnection, type Connection } from './find-connection.ts'
import type { LoginDir } from './login-dir.ts'

const LIMIT_MS = 5_000

export class LastLogin {
  readonly #connection: Connection

  private constructor(connection: Connection) {
    this.#connection = connection
  }

  /** null: nobody is logged in there. What is read is read now. Throws CommandError. */
  static of(dir: LoginDir, io: Io): LastLogin | null {
    const { url, path, tokenFile } = dir
    if (url === null) return null
    const caFile = dir.authoritiesFile ?? undefined
    return new LastLogin(findConnection({ url, tokenFile, dataDir: path, caFile }, io))
  }

  /** As `of`, for a login that takes its place, which has to work whatever is left of the one before. */
  static replaced(dir: LoginDir, io: Io): LastLogin | string | null {
    try {
      return LastLogin.of(dir, io)
    } catch (error) {
      return livesOn(error)
    }
  }

  /** False: it had ended already. Throws CommandError. */
  async revoke(limitMs?: number): Promise<boolean> {
    try {
      await new ApiClient(this.#connection, limitMs).run({ method: 'DELETE', path: 'v1/login' })
      return true
    } catch (error) {
      if (error instanceof TokenRefusedError) return false
      throw error
    }
  }

  /** After another one took its place: a sentence where it lives on. `system`: authorities of one that has none of its own. */
  async endReplaced(system: readonly string[]): Promise<string | null> {
    try {
      setDefaultCACertificates(system)
      await this.revoke(LIMIT_MS)
      return null
    } catch (error) {
      return livesOn(error)
    }
  }
}

function livesOn(error: unknown): string {
  if (!(error instanceof CommandError)) throw error
  return printable(
    `note: the token of the login before is good until it ends, as it could not be revoked: ${error.message}`,
  )
}
