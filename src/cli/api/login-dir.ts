/**
 * Where a login is kept: address, authorities and token, as commands look for them in a data directory, and `login.json`, which says
 * that they are of a login.
 * What must stay true: private to the user; the directory of a Fairlead that works on this machine, or of something else, is never
 * written over; the token is written last, so that it never stands beside the address of another control.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../adapters/durable-file/replace-file.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { reasonOf } from './reason-of.ts'

export interface KeptLogin {
  readonly url: string
  readonly token: string
  /** PEM; null: those of the system. */
  readonly authorities: string | null
  /** For people. */
  readonly name: string
}

const MARK = 'login.json'
const FILES = { token: 'token', url: 'api-url', authorities: 'api-ca.pem' } as const

export class LoginDir {
  readonly path: string

  /** Absolute. */
  constructor(path: string) {
    this.path = path
  }

  get tokenFile(): string {
    return join(this.path, FILES.token)
  }

  get authoritiesFile(): string | null {
    const path = join(this.path, FILES.authorities)
    return existsSync(path) ? path : null
  }

  /** Address of the API of the login that is here; null: there is none. */
  get url(): string | null {
    if (!existsSync(join(this.path, MARK)) || !existsSync(this.tokenFile)) return null
    return this.#trying('read', () => readFileSync(join(this.path, FILES.url), 'utf8').trim())
  }

  /** Makes the directory. Throws CommandError when it is somebody else's: before anybody is asked to log in. */
  prepare(): void {
    this.#trying('write', () => {
      if (mkdirSync(this.path, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(this.path, 0o700)
    })
    const content = this.#trying('read', () => readdirSync(this.path))
    if (content.length === 0 || content.includes(MARK)) return
    throw new CommandError(
      EXIT.fileAccess,
      `${this.path} holds other things, such as those of a Fairlead on this machine: name a directory of your own with --data-dir`,
    )
  }

  async write({ url, token, authorities, name }: KeptLogin): Promise<void> {
    const path = (file: string) => join(this.path, file)
    try {
      // From here on it is known as a login's, whatever comes between.
      await replaceFile(path(MARK), `${JSON.stringify({ name, url }, null, 2)}\n`)
      rmSync(this.tokenFile, { force: true })
      if (authorities === null) rmSync(path(FILES.authorities), { force: true })
      else await replaceFile(path(FILES.authorities), `${authorities}\n`)
      await replaceFile(path(FILES.url), `${url}\n`)
      await replaceFile(this.tokenFile, `${token}\n`)
    } catch (cause) {
      throw this.#fault('write', cause)
    }
  }

  /** The token first. */
  forget(): void {
    this.#trying('remove', () => {
      for (const file of [FILES.token, FILES.url, FILES.authorities, MARK])
        rmSync(join(this.path, file), { force: true })
    })
  }

  #trying<T>(verb: string, act: () => T): T {
    try {
      return act()
    } catch (cause) {
      throw this.#fault(verb, cause)
    }
  }

  #fault(verb: string, cause: unknown): CommandError {
    const message = `cannot ${verb} the login in ${this.path}: ${reasonOf(cause)}`
    return new CommandError(EXIT.fileAccess, message, { cause })
  }
}
