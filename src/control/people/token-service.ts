/**
 * Who may use the API, and for what. A token is 256 random bits; the store keeps its SHA-256, so that whoever reads the store cannot
 * use the API (a slow hash would add nothing: the input cannot be guessed).
 * What must stay true: a token is compared in constant time and is never logged; there is always one in the token file that
 * works, whoever revokes it, and only one such; nobody makes a token for more than admins may.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { describeScope } from '../../core/access/denied-changes.ts'
import type { CreatedToken, Token, TokenRequest } from '../../core/views/token.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Store, StoredToken } from '../../ports/store.ts'
import { CONTROL_ITSELF, type Actor } from '../actor.ts'

/** Name of the token in the token file; where several controls share a store, with that of the control. */
const LOCAL_TOKEN = 'local'

export function isOfTokenFile(name: string): boolean {
  return name === LOCAL_TOKEN || name.startsWith(`${LOCAL_TOKEN} `)
}

const LOOKS_LIKE_ONE = /^fairlead_[\w-]{43}$/
const LOOK_EVERY_MS = 100
const LOOK_LIMIT_MS = 1_000

export interface TokenServiceOptions {
  readonly store: Pick<Store, 'tokens' | 'addToken' | 'addLogin' | 'rotateToken' | 'removeToken'>
  readonly clock: Clock
  /** Name of this control where several share a store: each has a token file of its own. */
  readonly owner?: string
  readonly file: { read(): string | null; write(token: string): Promise<void> }
}

export interface Rotation {
  /** The old one is good for so long. */
  readonly graceSec: number
  readonly expiresAtMs?: number | undefined
}

export interface Login {
  /** Of what it is by. */
  readonly hash: string
  /** Remembered until then, in ms since the epoch. */
  readonly untilMs: number
  /** For the audit log. */
  readonly detail: string
}

export class TokenService {
  readonly #options: TokenServiceOptions
  #tokens: readonly StoredToken[] = []
  #look: Promise<void> | null = null
  #lookedAtMs = -Infinity
  /** Counts readings of the store, and writes. */
  #step = 0
  #stepOfTokens = 0
  /** Id of the token in the token file. */
  #ownId: string | null = null
  #renewing: Promise<void> | null = null

  constructor(options: TokenServiceOptions) {
    this.#options = options
  }

  /** Makes sure that the token file holds a token that works. 'made': it did not. */
  async start(): Promise<'kept' | 'made'> {
    const { store, file } = this.#options
    this.#tokens = await store.tokens()
    const present = file.read()
    const kept = present === null ? null : this.authenticate(present)
    this.#ownId = kept?.id ?? null
    if (kept !== null) return 'kept'
    const lost = this.#tokens.filter((token) => token.name === this.#ownName)
    await this.#renewOwn()
    for (const old of lost) await this.remove(old.id, CONTROL_ITSELF)
    return 'made'
  }

  get #ownName(): string {
    const { owner } = this.#options
    return owner === undefined ? LOCAL_TOKEN : `${LOCAL_TOKEN} ${owner}`
  }

  /** Another token for the token file. */
  #renewOwn(): Promise<void> {
    this.#renewing ??= (async () => {
      const { id, token } = await this.create({ name: this.#ownName, role: 'admin' }, CONTROL_ITSELF)
      await this.#options.file.write(token)
      this.#ownId = id
    })().finally(() => {
      this.#renewing = null
    })
    return this.#renewing
  }

  /** Takes over what other controls did to the tokens. Throws what the store throws. */
  async refresh(): Promise<void> {
    const step = ++this.#step
    const tokens = await this.#options.store.tokens()
    // What was read before a later reading, or before a write of this control, would bring back what was revoked.
    if (step > this.#stepOfTokens) this.#take(step, tokens)
    if (this.#ownId !== null && !this.isGood(this.#ownId)) await this.#renewOwn()
  }

  /**
   * As `authenticate`; of a token that is not known here the store is asked once more, as another control may have made it a moment
   * ago. At most so often, and for so long, that strangers and a store that is away cost next to nothing.
   */
  async recognise(token: string): Promise<Token | null> {
    const known = this.authenticate(token)
    if (known !== null || !LOOKS_LIKE_ONE.test(token)) return known
    this.#look ??= this.#lookOnce().finally(() => {
      this.#look = null
    })
    await this.#look
    return this.authenticate(token)
  }

  /** The owner of a token that has not expired, or null. */
  authenticate(token: string): Token | null {
    const given = createHash('sha256').update(token).digest()
    let found: StoredToken | null = null
    for (const stored of this.#tokens) {
      const hash = Buffer.from(stored.hash, 'hex')
      if (hash.length === given.length && timingSafeEqual(hash, given)) found = stored
    }
    if (found === null) return null
    return isOver(found, this.#options.clock.wallMs()) ? null : viewOf(found)
  }

  /** Neither revoked nor over, as far as this control knows. */
  isGood(id: string): boolean {
    const token = this.#tokens.find((one) => one.id === id)
    return token !== undefined && !isOver(token, this.#options.clock.wallMs())
  }

  /** Newest first. */
  list(): Token[] {
    return this.#tokens.toReversed().map(viewOf)
  }

  async create(request: TokenRequest, actor: Actor): Promise<CreatedToken> {
    const token = newSecret()
    const stored = this.#stored(request, token)
    await this.#options.store.addToken(stored, this.#entry('token create', actor, stored))
    this.#take(++this.#step, [...this.#tokens, stored])
    return { ...viewOf(stored), token }
  }

  /** As `create`, for a login that happens once; null: it has happened. */
  async createByLogin(request: TokenRequest, login: Login, actor: Actor): Promise<CreatedToken | null> {
    const token = newSecret()
    const stored = this.#stored(request, token)
    const entry = this.#entry('login', actor, stored)
    const about = { hash: login.hash, untilMs: login.untilMs, nowMs: entry.atMs }
    const audit = { ...entry, detail: `${entry.detail}; ${login.detail}` }
    if (!(await this.#options.store.addLogin(about, stored, audit))) return null
    this.#take(++this.#step, [...this.#tokens, stored])
    return { ...viewOf(stored), token }
  }

  /** Another secret for the same name, role and scope; null when there is none of this id. */
  async rotate(id: string, { graceSec, expiresAtMs }: Rotation, actor: Actor): Promise<CreatedToken | null> {
    const secret = newSecret()
    const nowMs = this.#options.clock.wallMs()
    // By what the store has of it at that moment, since another control may have revoked it.
    const rotation = await this.#options.store.rotateToken(id, (old) => {
      const lifeMs = old.expiresAtMs === null ? null : old.expiresAtMs - old.createdAtMs
      const endMs = expiresAtMs ?? (lifeMs === null ? undefined : nowMs + lifeMs)
      const token = this.#stored({ name: old.name, ...old.access, expiresAtMs: endMs }, secret)
      return {
        token,
        // Never later than it would have ended by itself.
        oldExpiresAtMs: Math.min(nowMs + graceSec * 1_000, old.expiresAtMs ?? Infinity),
        audit: [this.#entry('token create', actor, token), this.#entry('token rotate', actor, old)],
      }
    })
    if (rotation === null) return null
    const { token, oldExpiresAtMs: end } = rotation
    const ended = this.#tokens.map((one) => (one.id === id ? { ...one, expiresAtMs: end } : one))
    this.#take(++this.#step, [...ended, token])
    return { ...viewOf(token), token: secret }
  }

  /** False when there is none of this id. The one of this control's own file has a successor there before it ends. */
  async remove(id: string, actor: Actor, action = 'token revoke'): Promise<boolean> {
    if (id === this.#ownId) await this.#renewOwn()
    const token = this.#tokens.find((one) => one.id === id)
    const entry = this.#entry(action, actor, token ?? { id, name: '' })
    const removed = await this.#options.store.removeToken(id, entry)
    this.#take(
      ++this.#step,
      this.#tokens.filter((one) => one.id !== id),
    )
    return removed
  }

  #take(step: number, tokens: readonly StoredToken[]): void {
    this.#tokens = tokens
    this.#stepOfTokens = step
  }

  #stored(request: TokenRequest, secret: string): StoredToken {
    const { name, role, scope, expiresAtMs = null } = request
    return {
      ...{ id: randomUUID(), name, hash: createHash('sha256').update(secret).digest('hex') },
      createdAtMs: this.#options.clock.wallMs(),
      ...{ access: { role, ...(scope && { scope }) }, expiresAtMs },
    }
  }

  async #lookOnce(): Promise<void> {
    const { clock } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return
    this.#lookedAtMs = nowMs
    let cancel = (): void => undefined
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(LOOK_LIMIT_MS, resolve)
    })
    // A store that cannot be read says so where the store is followed.
    await Promise.race([late, this.refresh().catch(() => undefined)])
    cancel()
  }

  #entry(
    action: string,
    { name: actor, from }: Actor,
    { id, name, access, expiresAtMs }: Pick<StoredToken, 'id' | 'name'> & Partial<StoredToken>,
  ): AuditEntry {
    const scope = access?.scope === undefined ? '' : ` for ${describeScope(access.scope)}`
    const end = (expiresAtMs ?? null) === null ? '' : ` until ${new Date(expiresAtMs ?? 0).toISOString()}`
    const detail = `token ${id} of '${name}'${access === undefined ? '' : `, ${access.role}`}${scope}${end}`
    return {
      ...{ id: randomUUID(), atMs: this.#options.clock.wallMs(), actor, from, action, outcome: 'done' },
      ...{ revision: null, detail, changes: [], changeCount: 0, times: 1 },
    }
  }
}

function newSecret(): string {
  return `fairlead_${randomBytes(32).toString('base64url')}`
}

function isOver({ expiresAtMs }: StoredToken, wallMs: number): boolean {
  return expiresAtMs !== null && wallMs >= expiresAtMs
}

function viewOf({ id, name, createdAtMs, access: { role, scope }, expiresAtMs }: StoredToken): Token {
  return { id, name, createdAtMs, role, ...(scope && { scope }), expiresAtMs }
}
