/**
 * From written to published: purges the server's caches, reads the new answers back from it, and does both again shortly
 * after, because a query that was under way during the purge can refill a cache with the old row (docs/adr/0001).
 * What must stay true: a name counts as published only after the server itself gave the new answer; a read-back that fails is
 * repeated until it succeeds or a newer change takes the name over; nothing here delays the next write.
 */
import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import type { DnsServer } from '../ports/dns-server.ts'
import { describeMiss, isMet, type Expectation } from './expectation.ts'

export interface Batch {
  /** Two zones may hold the same owner name: a zone and one above it. */
  readonly zone: string
  /** Names to purge; with '$' at its end a name means all below it too. */
  readonly purge: readonly string[]
  /** Owner name to what the server has to answer for it; a newer batch takes over the names it shares with an older one. */
  readonly owners: ReadonlyMap<string, readonly Expectation[]>
  /** Every name that no newer batch took over was read back for the first time. */
  readonly onSeen: (names: readonly string[]) => void
  /** Newer batches took all names over before they were read back. */
  readonly onTakenOver: () => void
  /** It was not read back within two seconds: once. */
  readonly onLate: (detail: string) => void
}

export interface ReadBackOptions {
  readonly server: DnsServer
  /** Pauses before each round; ROUNDS_MS if absent. */
  readonly rounds?: readonly number[]
  readonly clock: Clock
  readonly logger: Logger
}

/** After the write: at once, then against the refill race. */
export const ROUNDS_MS: readonly number[] = [0, 5, 25, 100, 300]
/** With two caches one behind the other the race has two chances. */
export const FRONTED_ROUNDS_MS: readonly number[] = [0, 2, 3, 5, 10, 25, 100, 300]
const FIRST_RETRY_MS = 5
const MAX_RETRY_MS = 1_000
const LATE_MS = 2_000
const PARALLEL_QUESTIONS = 32

export class ReadBack {
  readonly #options: ReadBackOptions
  readonly #newest = new Map<string, Batch>()
  /** Batches whose last try failed, with the monotonic ms of their write. */
  readonly #failing = new Map<Batch, number>()
  readonly #timers = new Set<() => void>()
  #stopped = false

  constructor(options: ReadBackOptions) {
    this.#options = options
  }

  /** Begins at once; resolves when the last round is through, given over or stopped. Never rejects. */
  async publish(batch: Batch): Promise<void> {
    const writtenAtMs = this.#options.clock.monotonicMs()
    for (const name of batch.owners.keys()) this.#newest.set(keyOf(batch, name), batch)
    let seen = false
    for (const delayMs of this.#options.rounds ?? ROUNDS_MS) {
      if (delayMs > 0) await this.#wait(delayMs)
      const names = await this.#confirm(batch, writtenAtMs)
      if (this.#stopped) return
      if (!seen)
        this.#tell(() => {
          if (names.length === 0 && batch.owners.size > 0) batch.onTakenOver()
          else batch.onSeen(names)
        })
      seen = true
    }
    for (const name of this.#current(batch)) this.#newest.delete(keyOf(batch, name))
  }

  /** How long the oldest publication that failed to be read back has been waiting; null when there is none. */
  failingForMs(): number | null {
    if (this.#failing.size === 0) return null
    let oldestMs = Infinity
    for (const writtenAtMs of this.#failing.values()) oldestMs = Math.min(oldestMs, writtenAtMs)
    return this.#options.clock.monotonicMs() - oldestMs
  }

  stop(): void {
    this.#stopped = true
    for (const wake of this.#timers) wake()
  }

  /** Purges and asks until every name of the batch that is still its own answers as it must; the result is those names. */
  async #confirm(batch: Batch, writtenAtMs: number): Promise<readonly string[]> {
    let late = false
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(MAX_RETRY_MS, retryMs * 2)) {
      const names = this.#current(batch)
      const miss = names.length === 0 && batch.owners.size > 0 ? null : await this.#attempt(batch, names)
      if (miss === null || this.#stopped) {
        this.#failing.delete(batch)
        return this.#stopped ? [] : this.#current(batch)
      }
      this.#failing.set(batch, writtenAtMs)
      if (!late && this.#options.clock.monotonicMs() - writtenAtMs >= LATE_MS) {
        late = true
        this.#tell(() => {
          batch.onLate(miss)
        })
      }
      await this.#wait(retryMs)
    }
  }

  /** One purge and one question for each expectation; null when all are met, else the first that is not. */
  async #attempt(batch: Batch, names: readonly string[]): Promise<string | null> {
    const { server } = this.#options
    try {
      await server.purge(batch.purge)
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
    const questions = names.flatMap((name) => batch.owners.get(name) ?? [])
    let next = 0
    let miss: string | null = null
    const worker = async () => {
      for (let expectation = questions[next++]; expectation !== undefined; expectation = questions[next++]) {
        const answer = await server.ask(expectation.name, expectation.type)
        if (isMet(expectation, answer)) continue
        miss ??= describeMiss(expectation, answer)
        // One miss is enough to try again; asking the rest of a silent server would only take its time.
        next = questions.length
      }
    }
    await Promise.all(Array.from({ length: Math.min(PARALLEL_QUESTIONS, questions.length) }, worker))
    return miss
  }

  #current(batch: Batch): string[] {
    return Array.from(batch.owners.keys()).filter((name) => this.#newest.get(keyOf(batch, name)) === batch)
  }

  /** Whoever is told may fail: the rounds that are still to come do not depend on it. */
  #tell(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.#options.logger.error({ err: error }, 'could not report what was read back')
    }
  }

  #wait(delayMs: number): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    const { promise, resolve }: PromiseWithResolvers<void> = Promise.withResolvers()
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(wake)
      resolve()
    })
    const wake = () => {
      cancel()
      this.#timers.delete(wake)
      resolve()
    }
    this.#timers.add(wake)
    return promise
  }
}

function keyOf({ zone }: Batch, name: string): string {
  return `${zone} ${name}`
}
