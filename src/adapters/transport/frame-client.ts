/**
 * The frames of every checker that the feed names: one connection to each, whoever comes and goes.
 * What must stay true: an unchanged checker keeps its connection over any change of configuration; a checker that left the
 * configuration is not read any more.
 */
import type { Logger } from 'pino'
import type { Frame } from '../../core/health/frame.ts'
import type { Configuration } from '../../core/model/configuration.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Feed } from '../../ports/feed.ts'
import type { FrameSource } from '../../ports/frames.ts'
import type { OnRefused } from '../../ports/refusals.ts'
import { FrameConnection, type FrameAddress } from './frame-connection.ts'
import { NamePool } from './name-pool.ts'
import type { TlsIdentity } from './tls-identity.ts'

export interface FrameClientOptions {
  readonly feed: Feed
  readonly tls: TlsIdentity
  /** With what the probes saw: for those who show it to people. */
  readonly outputs: boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly onRefused?: OnRefused | undefined
}

export class FrameClient implements FrameSource {
  readonly #options: FrameClientOptions
  readonly #listeners = new Set<(frame: Frame) => void>()
  readonly #names = new NamePool()
  readonly #connections = new Map<string, { readonly place: string; readonly connection: FrameConnection }>()
  #unsubscribe: (() => void) | null = null

  constructor(options: FrameClientOptions) {
    this.#options = options
  }

  start(): void {
    this.#unsubscribe = this.#options.feed.subscribe(({ configuration }) => {
      this.#reconcile(configuration)
    })
  }

  stop(): void {
    this.#unsubscribe?.()
    for (const { connection } of this.#connections.values()) connection.stop()
    this.#connections.clear()
  }

  subscribe(listener: (frame: Frame) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  requestSnapshot(checker: string): void {
    this.#connections.get(checker)?.connection.requestSnapshot()
  }

  #reconcile(configuration: Configuration): void {
    const wanted = new Map(this.#checkersOf(configuration).map((checker) => [checker.name, checker]))
    for (const [name, { place, connection }] of this.#connections) {
      const checker = wanted.get(name)
      if (checker !== undefined && placeOf(checker) === place) continue
      connection.stop()
      this.#connections.delete(name)
    }
    for (const [name, to] of wanted) {
      if (this.#connections.has(name)) continue
      const { tls, outputs, clock, logger, onRefused } = this.#options
      const onFrame = (frame: Frame): void => {
        for (const listener of this.#listeners) listener(frame)
      }
      const connection = new FrameConnection({
        ...{ to, tls, outputs, clock, logger, onFrame, onRefused },
        names: this.#names,
      })
      this.#connections.set(name, { place: placeOf(to), connection })
    }
  }

  /** All but this process itself. */
  #checkersOf(configuration: Configuration): FrameAddress[] {
    const { identity } = this.#options.tls
    return [...configuration.site.values()]
      .flatMap((site) => site.checkers.map((checker) => ({ ...checker, site: site.name })))
      .filter(
        ({ site, name }) =>
          !(identity.role === 'checker' && identity.site === site && identity.name === name),
      )
  }
}

function placeOf({ site, address, port }: FrameAddress): string {
  return `${site} ${address} ${port}`
}
