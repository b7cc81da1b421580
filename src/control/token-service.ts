/**
 * Who may use the API. A token is 256 random bits; the store keeps its SHA-256, so that whoever reads the store cannot use
 * the API (a slow hash would add nothing: the input cannot be guessed).
 * What must stay true: a token is compared in constant time and is never logged; there is always one in the token file that
 * works, and only one such.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { CreatedToken, Token } from '../core/views/token.ts'
import type { Clock } from '../ports/clock.ts'
import type { Store, StoredToken } from '../ports/store.ts'

/** Name of the token in the token file. */
export const LOCAL_TOKEN = 'local'

export interface TokenServiceOptions {
  readonly store: Pick<Store, 'tokens' | 'addToken' | 'removeToken'>
  readonly clock: Clock
  /** Name of this control where several share a store: each has a token file of its own. */
  readonly owner?: string
  readonly file: { read(): string | null; write(token: string): void }
}

export class TokenService {
  readonly #options: TokenServiceOptions
  #tokens: readonly StoredToken[] = []

  constructor(options: TokenServiceOptions) {
    this.#options = options
  }

  /** Makes sure that the token file holds a token that works. 'made': it did not. */
  async start(): Promise<'kept' | 'made'> {
    const { store, file, owner } = this.#options
    this.#tokens = await store.tokens()
    const present = file.read()
    if (present !== null && this.authenticate(present) !== null) return 'kept'
    const name = owner === undefined ? LOCAL_TOKEN : `${LOCAL_TOKEN} ${owner}`
    const lost = this.#tokens.filter((token) => token.name === name)
    const { token } = await this.create(name)
    file.write(token)
    for (const old of lost) await this.remove(old.id)
    return 'made'
  }

  /** Takes over what other controls did to the tokens. Throws what the store throws. */
  async refresh(): Promise<void> {
    this.#tokens = await this.#options.store.tokens()
  }

  /** The owner of a token, or null. */
  authenticate(token: string): Token | null {
    const given = createHash('sha256').update(token).digest()
    let found: StoredToken | null = null
    for (const stored of this.#tokens) {
      const hash = Buffer.from(stored.hash, 'hex')
      if (hash.length === given.length && timingSafeEqual(hash, given)) found = stored
    }
    return found === null ? null : viewOf(found)
  }

  /** Newest first. */
  list(): Token[] {
    return this.#tokens.toReversed().map(viewOf)
  }

  async create(name: string): Promise<CreatedToken> {
    const token = `fairlead_${randomBytes(32).toString('base64url')}`
    const stored: StoredToken = {
      id: randomUUID(),
      name,
      hash: createHash('sha256').update(token).digest('hex'),
      createdAtMs: this.#options.clock.wallMs(),
    }
    await this.#options.store.addToken(stored)
    this.#tokens = [...this.#tokens, stored]
    return { ...viewOf(stored), token }
  }

  /** False when there is none of this id. */
  async remove(id: string): Promise<boolean> {
    const removed = await this.#options.store.removeToken(id)
    this.#tokens = this.#tokens.filter((token) => token.id !== id)
    return removed
  }
}

function viewOf({ id, name, createdAtMs }: StoredToken): Token {
  return { id, name, createdAtMs }
}
