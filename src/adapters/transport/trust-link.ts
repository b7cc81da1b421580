/**
 * What a node asks controls about trust: which certificates are revoked and which authorities are to be believed, when a control says
 * that it has others and every LOOK_MS in any case; and a new certificate of its own in time.
 * What must stay true: the list is in force as soon as it is known and on disk right after, so that a node which starts without a
 * control starts with it; a serial is forgotten when its certificate has expired, never because a control does not name it; the controls
 * hear which authorities are on this disk, and nothing before it is there; a control that does not answer, or was revoked itself, is
 * left for the next.
 */
import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Clock } from '../../ports/clock.ts'
import { replaceFile } from '../durable-file/replace-file.ts'
import type { BelievedAuthorities } from '../authority/believed-authorities.ts'
import { askControl } from './ask-control.ts'
import { authorityOfferSchema } from './authority-offer.ts'
import type { ControlAddress } from './feed-connection.ts'
import { digestOfRevocations, type TrustHint } from './revocations.ts'
import type { TlsIdentity } from './tls-identity.ts'

export interface TrustLinkOptions {
  /** Absolute: where the list is kept. */
  readonly path: string
  readonly controls: readonly ControlAddress[]
  readonly tls: TlsIdentity
  readonly believed: BelievedAuthorities
  readonly clock: Clock
  readonly logger: Logger
}

/** With the five seconds of a control, and another try, within a minute. */
const LOOK_MS = 20_000
const JITTER_MS = 4_000
/** Between two looks: controls may have different lists for some seconds. */
const APART_MS = 1_000
/** After the end of a certificate: clocks may be off by half of it. */
const KEPT_MS = 10 * 60_000
const listSchema = z.object({
  serials: z.array(z.string().regex(/^[0-9A-F]{1,64}$/)).max(100_000),
  /** By serial; controls and files of before do not say it. */
  notAfterMs: z.record(z.string(), z.number().nullable()).default({}),
})
type RevocationList = z.output<typeof listSchema>
/** Older controls offer none. */
const answerSchema = listSchema.extend({ authorities: authorityOfferSchema.optional() })
const issuedSchema = z.object({ chain: z.string() })

export class TrustLink {
  readonly #options: TrustLinkOptions
  #controls: readonly ControlAddress[]
  #index: number
  /** When the certificate of each serial ends; Infinity: nobody has said so yet. */
  readonly #ends = new Map<string, number>()
  #digest = ''
  #saved = ''
  #notBeforeMs = 0
  #cancel: () => void = () => undefined
  #looking: Promise<void> = Promise.resolve()
  #isWaiting = false
  #endReloads: () => void = () => undefined
  /** Something came up while a look was under way. */
  #isHurried = false
  #stopped = false
  #saidAway = false

  constructor(options: TrustLinkOptions) {
    this.#options = options
    this.#controls = options.controls
    this.#index = Math.floor(Math.random() * options.controls.length)
  }

  /** Resolves when what is on disk is known. */
  async start(): Promise<void> {
    const { path, logger } = this.#options
    try {
      this.#saved = await readFile(path, 'utf8')
      this.#take(listSchema.parse(JSON.parse(this.#saved)))
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isAbsent) logger.error({ err: error, path }, 'the list of revoked certificates does not verify')
      this.#saved = ''
    }
    // With another certificate, or other authorities: a control is to know, whoever waits for that.
    this.#endReloads = this.#options.tls.onReload(() => {
      this.#lookSoon()
    })
    this.#lookAfter(0)
  }

  /** Of the list that a control has, and the version of its authorities. One that knows more of these is the one to ask. */
  hear({ digest, version, from }: TrustHint): void {
    const knowsMore = version > this.#options.believed.heardVersion
    const index = this.#controls.findIndex(({ host, port }) => host === from.host && port === from.port)
    if (knowsMore && index >= 0) this.#index = index
    if (knowsMore || digest !== this.#digest) this.#lookSoon()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#endReloads()
    this.#cancel()
    await this.#looking
  }

  setControls(controls: readonly ControlAddress[]): void {
    this.#controls = controls
  }

  /** A certificate for this public key in the place of the one that it has: PEM. Rejects where no control gives one. */
  async renew(publicKey: string): Promise<string> {
    const body = { publicKey, authorities: this.#options.tls.authorityFingerprints }
    const answer = await this.#ask({ method: 'POST', path: '/v1/renewals', body })
    return issuedSchema.parse(answer).chain
  }

  #lookSoon(): void {
    this.#isHurried = true
    if (this.#stopped || !this.#isWaiting) return
    this.#cancel()
    this.#lookAfter(Math.max(0, this.#notBeforeMs - this.#options.clock.monotonicMs()))
  }

  #lookAfter(delayMs: number): void {
    this.#isWaiting = true
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#isWaiting = false
      this.#isHurried = false
      this.#notBeforeMs = this.#options.clock.monotonicMs() + APART_MS
      this.#looking = this.#look().then(() => {
        if (!this.#stopped) this.#lookAfter(this.#isHurried ? APART_MS : LOOK_MS + Math.random() * JITTER_MS)
      })
    })
  }

  async #look(): Promise<void> {
    const { path, logger, tls, believed } = this.#options
    try {
      const has = `/v1/revocations?authorities=${tls.authorityFingerprints.join()}`
      const { authorities, ...list } = answerSchema.parse(await this.#ask({ method: 'GET', path: has }))
      this.#digest = digestOfRevocations(list.serials)
      const text = `${JSON.stringify(this.#take(list))}\n`
      if (authorities !== undefined)
        await believed.take(authorities).catch((error: unknown) => {
          logger.error({ err: error }, 'the authorities that a control offers could not be kept')
        })
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

  /** All that are in force. */
  #take({ serials, notAfterMs }: RevocationList): RevocationList {
    const { tls, clock } = this.#options
    const nowMs = clock.wallMs()
    for (const serial of serials) {
      const said = notAfterMs[serial] ?? Number.POSITIVE_INFINITY
      const known = this.#ends.get(serial) ?? Number.POSITIVE_INFINITY
      // A later word of another control never makes it shorter.
      this.#ends.set(
        serial,
        Number.isFinite(known) && Number.isFinite(said) ? Math.max(known, said) : Math.min(known, said),
      )
    }
    for (const [serial, endMs] of this.#ends) if (endMs + KEPT_MS < nowMs) this.#ends.delete(serial)
    const all = Array.from(this.#ends.keys()).sort()
    tls.revocations.replace(all)
    // JSON has no Infinity: null stands for it.
    return {
      serials: all,
      notAfterMs: Object.fromEntries(all.map((serial) => [serial, this.#ends.get(serial) ?? null])),
    }
  }

  /** Each control once, from the one that answered last. */
  async #ask(what: { method: 'GET' | 'POST'; path: string; body?: unknown }): Promise<unknown> {
    const { tls } = this.#options
    const faults: string[] = []
    for (let tries = 0; tries < this.#controls.length; tries += 1) {
      const to = this.#controls[this.#index % this.#controls.length]
      if (to === undefined) break
      try {
        return await askControl({ to, secure: tls.options, revocations: tls.revocations, ...what })
      } catch (error) {
        this.#index += 1
        faults.push(`${to.host}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    throw new Error(faults.join('; '))
  }
}
