/**
 * What a node asks controls about trust: which certificates are revoked, every LOOK_MS, and a new certificate of its own in time.
 * What must stay true: the list is in force as soon as it is known and on disk right after, so that a node which starts without a
 * control starts with it; a control that does not answer is left for the next.
 */
import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Clock } from '../../ports/clock.ts'
import { replaceFile } from '../durable-file/replace-file.ts'
import { askControl } from './ask-control.ts'
import type { ControlAddress } from './feed-connection.ts'
import type { TlsIdentity } from './tls-identity.ts'

export interface TrustLinkOptions {
  /** Absolute: where the list is kept. */
  readonly path: string
  readonly controls: readonly ControlAddress[]
  readonly tls: TlsIdentity
  readonly clock: Clock
  readonly logger: Logger
}

/** With the five seconds of a control, and another try, well within a minute. */
const LOOK_MS = 12_000
const JITTER_MS = 4_000
const listSchema = z.object({ serials: z.array(z.string().regex(/^[0-9A-F]{1,64}$/)).max(100_000) })
const issuedSchema = z.object({ chain: z.string() })

export class TrustLink {
  readonly #options: TrustLinkOptions
  #controls: readonly ControlAddress[]
  #index: number
  #saved = ''
  #cancel: () => void = () => undefined
  #looking: Promise<void> = Promise.resolve()
  #stopped = false
  #saidAway = false

  constructor(options: TrustLinkOptions) {
    this.#options = options
    this.#controls = options.controls
    this.#index = Math.floor(Math.random() * options.controls.length)
  }

  /** Resolves when what is on disk is known. */
  async start(): Promise<void> {
    const { path, logger, tls } = this.#options
    try {
      this.#saved = await readFile(path, 'utf8')
      tls.revocations.replace(listSchema.parse(JSON.parse(this.#saved)).serials)
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isAbsent) logger.error({ err: error, path }, 'the list of revoked certificates does not verify')
      this.#saved = ''
    }
    this.#lookAfter(0)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#looking
  }

  setControls(controls: readonly ControlAddress[]): void {
    this.#controls = controls
  }

  /** A certificate for this public key in the place of the one that it has: PEM. Rejects where no control gives one. */
  async renew(publicKey: string): Promise<string> {
    const answer = await this.#ask({ method: 'POST', path: '/v1/renewals', body: { publicKey } })
    return issuedSchema.parse(answer).chain
  }

  #lookAfter(delayMs: number): void {
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#looking = this.#look().then(() => {
        if (!this.#stopped) this.#lookAfter(LOOK_MS + Math.random() * JITTER_MS)
      })
    })
  }

  async #look(): Promise<void> {
    const { tls, path, logger } = this.#options
    try {
      const { serials } = listSchema.parse(await this.#ask({ method: 'GET', path: '/v1/revocations' }))
      tls.revocations.replace(serials)
      const text = `${JSON.stringify({ serials })}\n`
      if (text !== this.#saved) await replaceFile(path, text)
      this.#saved = text
      this.#saidAway = false
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (!this.#saidAway && !this.#stopped)
        logger.warn({ reason }, 'no control says which certificates are revoked: those known before are')
      this.#saidAway = true
    }
  }

  /** Each control once, from the one that answered last. */
  async #ask(what: { method: 'GET' | 'POST'; path: string; body?: unknown }): Promise<unknown> {
    const faults: string[] = []
    for (let tries = 0; tries < this.#controls.length; tries += 1) {
      const to = this.#controls[this.#index % this.#controls.length]
      if (to === undefined) break
      try {
        return await askControl({ to, secure: this.#options.tls.options, ...what })
      } catch (error) {
        this.#index += 1
        faults.push(`${to.host}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    throw new Error(faults.join('; '))
  }
}
